// A list of any length of which only what is visible is in the document. Rows are fetched in pages by their number.

import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { get, type Trouble } from '../client';
import { onNews } from '../news';
import { rememberHere, rememberedHere } from '../router';

export interface PageOf<T> { at: string; total: number; rows: T[] }

const pageRows = 100;
const pagesKeptMax = 60;  // of 100 rows each: what was seen last, so that scrolling back asks nothing
const requestsMax = 3;
const overscan = 12;
const refreshPauseMs = 2000;
const wantPauseMs = 80;

interface Pages<T> { key: string; at: string; total: number | null; pages: Map<number, T[]>; trouble: Trouble | null }

/** Rows by number, fetched as they come into view. `address(offset, limit)` names a page of them. */
export function usePages<T>(key: string, address: (offset: number, limit: number) => string, take: (answer: unknown) => PageOf<T>, live: boolean) {
  const store = useRef<Pages<T>>({ key: '', at: '', total: null, pages: new Map(), trouble: null });
  const busy = useRef(new Map<number, AbortController>());
  const wanted = useRef<[number, number]>([0, 0]);
  const pause = useRef<number | undefined>(undefined);
  const [, redraw] = useState(0);
  const show = useCallback(() => redraw((n) => n + 1), []);

  const pump = useCallback(() => {
    const [first, last] = wanted.current;
    for (let page = first; page <= last && busy.current.size < requestsMax; page++) {
      if (store.current.pages.has(page) || busy.current.has(page)) continue;
      const abort = new AbortController();
      busy.current.set(page, abort);
      const mine = store.current;
      void get<unknown>(address(page * pageRows, pageRows), abort.signal).then((result) => {
        if (busy.current.get(page) === abort) busy.current.delete(page);
        if (abort.signal.aborted || store.current !== mine) return;
        if (result.ok) {
          const { at, total, rows } = take(result.value);
          mine.at = at;
          mine.total = total;
          mine.trouble = null;
          mine.pages.delete(page);
          mine.pages.set(page, rows);
          if (mine.pages.size > pagesKeptMax) mine.pages.delete(mine.pages.keys().next().value as number);
        } else {
          mine.trouble = result.trouble;
        }
        show();
        if (result.ok) pump();
      });
    }
  }, [key]);

  if (store.current.key !== key) store.current = { key, at: '', total: null, pages: new Map(), trouble: null };
  useEffect(() => {
    wanted.current = [0, 0];
    pump();
    return () => {
      window.clearTimeout(pause.current);
      pause.current = undefined;
      for (const abort of busy.current.values()) abort.abort();
      busy.current.clear();
    };
  }, [key]);

  const want = useCallback((firstRow: number, lastRow: number) => {
    const first = Math.floor(firstRow / pageRows);
    const last = Math.floor(Math.max(firstRow, lastRow) / pageRows);
    wanted.current = [first, last];
    // While the list flies past, only now and then.
    pause.current ??= window.setTimeout(() => {
      pause.current = undefined;
      pump();
    }, store.current.pages.size === 0 ? 0 : wantPauseMs);
    // What has been scrolled past is not waited for.
    for (const [page, abort] of busy.current) {
      if (page < first - 1 || page > last + 1) {
        abort.abort();
        busy.current.delete(page);
      }
    }
  }, [pump]);

  const refresh = useCallback(() => {
    const old = store.current;
    const [first, last] = wanted.current;
    for (const page of [...old.pages.keys()]) if (page < first || page > last) old.pages.delete(page);
    // What is in view is replaced when the new rows are there, so that nothing flickers.
    for (let page = first; page <= last; page++) {
      void get<unknown>(address(page * pageRows, pageRows)).then((result) => {
        if (!result.ok || store.current !== old) return;
        const { at, total, rows } = take(result.value);
        Object.assign(old, { at, total, trouble: null });
        old.pages.set(page, rows);
        show();
      });
    }
  }, [key]);

  useEffect(() => {
    if (!live) return;
    let timer: number | undefined;
    const stop = onNews((kind) => {
      if (kind === 'at') return;
      timer ??= window.setTimeout(() => {
        timer = undefined;
        refresh();
      }, kind === 'back' ? 0 : refreshPauseMs);
    });
    return () => {
      stop();
      window.clearTimeout(timer);
    };
  }, [live, refresh]);

  const row = (index: number): T | undefined => store.current.pages.get(Math.floor(index / pageRows))?.[index % pageRows];
  return { ...store.current, row, want, refresh };
}

interface ListProps {
  label: string;
  total: number;
  rowHeight: number;
  name: string;  // under which the place is remembered
  head?: ComponentChildren;
  onWant?: (first: number, last: number) => void;
  children: (index: number) => ComponentChildren;
}
/** Rows of one height in a box that scrolls by itself. */
export function VirtualList({ label, total, rowHeight, name, head, onWant, children }: ListProps) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  const frame = useRef(0);

  const measure = useCallback(() => {
    frame.current = 0;
    const element = box.current;
    if (element) setView({ top: element.scrollTop, height: element.clientHeight });
  }, []);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const top = rememberedHere(name);
    if (typeof top === 'number') element.scrollTop = top;
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [name]);

  const settle = useRef<number | undefined>(undefined);
  const onScroll = () => {
    if (frame.current === 0) frame.current = requestAnimationFrame(measure);
    window.clearTimeout(settle.current);
    settle.current = window.setTimeout(() => rememberHere(name, box.current?.scrollTop ?? 0), 200);
  };
  useEffect(() => () => window.clearTimeout(settle.current), []);

  const first = Math.max(0, Math.floor(view.top / rowHeight) - overscan);
  const last = Math.min(total - 1, Math.ceil((view.top + view.height) / rowHeight) + overscan);
  useEffect(() => {
    if (total > 0) onWant?.(first, last);
  }, [first, last, total, onWant]);

  const rows = [];
  for (let index = first; index <= last; index++) {
    rows.push(
      <div key={index} class="row" role="row" aria-rowindex={index + 2} data-item data-index={index} tabIndex={-1} style={{ top: `${index * rowHeight}px`, height: `${rowHeight}px` }}>
        {children(index)}
      </div>,
    );
  }
  return (
    <div class="table">
      <div class="table-box" ref={box} onScroll={onScroll} role="table" aria-label={label} aria-rowcount={total + 1} tabIndex={0}>
        {head !== undefined && <div class="table-head" role="rowgroup"><div class="row row-head" role="row" aria-rowindex={1}>{head}</div></div>}
        <div class="table-sizer" role="rowgroup" style={{ height: `${total * rowHeight}px` }}>{rows}</div>
      </div>
    </div>
  );
}
