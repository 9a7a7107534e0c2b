// The keyboard: everything can be reached without a mouse. `?` shows the keys.

import { useEffect, useRef, useState } from 'preact/hooks';
import { go, goUp, type Route } from '../router';
import { startTour } from './tour';

const chordMs = 1200;
const places: Record<string, string> = { t: '/', c: '/cases', p: '/programme', f: '/feeds' };

const lines: [string[], string][] = [
  [['g', 't'], 'Today'], [['g', 'c'], 'Cases'], [['g', 'p'], 'Programme'], [['g', 'f'], 'Feeds'],
  [['j'], 'next in a list'], [['k'], 'the one before'], [['Enter'], 'open it'], [['u'], 'back to where you came from (Escape too)'],
  [['/'], 'search'], [['p'], 'on a case: its patient'], [['['], 'on a patient: one received day earlier'], [[']'], 'one later'],
  [['w'], 'a week earlier'], [['n'], 'now'], [['m'], 'on Today: I have seen this'], [['?'], 'this list'],
];

function typing(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  if (!element?.matches) return false;
  return element.matches('textarea, select, [contenteditable], input:not([type=range]):not([type=checkbox]):not([type=radio])');
}

/** The next or the last item of what is listed on the page, from where the focus is. */
function step(by: 1 | -1): void {
  const items = [...document.querySelectorAll<HTMLElement>('#main [data-item]')];
  if (items.length === 0) return;
  // A virtual list keeps its rows in any order.
  if (items[0]?.dataset['index'] !== undefined) items.sort((a, b) => Number(a.dataset['index']) - Number(b.dataset['index']));
  const current = (document.activeElement as HTMLElement | null)?.closest<HTMLElement>('[data-item]') ?? null;
  let next: HTMLElement | undefined;
  if (current === null) {
    const visible = items.filter((item) => item.getBoundingClientRect().bottom > (item.closest('.table-box')?.getBoundingClientRect().top ?? 0));
    next = by === 1 ? visible[0] : visible[visible.length - 1];
  } else {
    next = items[items.indexOf(current) + by];
  }
  const link = next?.querySelector<HTMLElement>('[data-open]') ?? next;
  link?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: 'nearest' });
}

function press(key: string): boolean {
  const target = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
  if (!target || (target as HTMLButtonElement).disabled) return false;
  target.click();
  return true;
}

export function Keys({ route }: { route: Route }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [open, setOpen] = useState(false);
  const chord = useRef(0);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return;
      if (document.querySelector('dialog[open]')) return;  // a dialog closes itself by Escape
      if (typing(event.target)) {
        if (event.key === 'Escape') (event.target as HTMLElement).blur();
        return;
      }
      if (act(event.key)) event.preventDefault();
    };
    const act = (key: string): boolean => {
      if (Date.now() - chord.current < chordMs) {
        chord.current = 0;
        const to = places[key];
        if (to !== undefined) {
          go(to);
          return true;
        }
      }
      switch (key) {
        case 'g': chord.current = Date.now(); return true;
        case 'j': step(1); return true;
        case 'k': step(-1); return true;
        case 'u': case 'Escape': if (route.page === 'today' && key === 'Escape') return false; goUp(route); return true;
        case '?': setOpen(true); return true;
        case '/': {
          const search = document.querySelector<HTMLInputElement>('[data-search]');
          if (search) search.focus();
          else go('/cases');
          return true;
        }
        default: return key.length === 1 && press(key);
      }
    };
    const onClick = (event: MouseEvent) => {
      if ((event.target as Element | null)?.closest('[data-key="?"]')) setOpen(true);
    };
    document.addEventListener('keydown', onKey);
    document.addEventListener('click', onClick);
    return () => {
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('click', onClick);
    };
  }, [route.page]);
  return (
    <dialog class="dialog" ref={dialog} aria-label="Keys" onClose={() => setOpen(false)} onClick={(event) => { if (event.target === dialog.current) setOpen(false); }}>
      <h2>Keys</h2>
      <dl class="keys">
        {lines.map(([keys, what]) => (
          <div key={what}><dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt><dd>{what}</dd></div>
        ))}
      </dl>
      <p class="dialog-foot">
        <button type="button" class="button-quiet" onClick={() => { setOpen(false); startTour(); }}>Show me around</button>
        <button type="button" class="button-main" onClick={() => setOpen(false)}>Close</button>
      </p>
    </dialog>
  );
}
