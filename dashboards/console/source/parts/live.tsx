// What happens by itself: a note for each new case, and a banner while the service is away.

import { useEffect, useState } from 'preact/hooks';
import type { Case } from '../api';
import { onNews, tryNow, watchLink, type Link } from '../news';
import { address } from '../router';
import { headline } from '../words/detectors';
import { moment } from '../words/format';
import { LevelSign } from './signs';

const notesMax = 4;
const noteMs = 12_000;
const graceMs = 1200;  // a stream that is cut and comes back at once is no news

export function Banner() {
  const [link, setLink] = useState<Link | null>(null);
  const [now, setNow] = useState(Date.now());
  const [since, setSince] = useState<number | null>(null);
  useEffect(() => watchLink((next) => {
    setLink(next);
    setSince((old) => (next.up ? null : (old ?? Date.now())));
  }), []);
  const down = link !== null && !link.up;
  useEffect(() => {
    if (!down) return;
    const timer = window.setInterval(() => setNow(Date.now()), 500);
    return () => window.clearInterval(timer);
  }, [down]);
  if (!down || since === null || now - since < graceMs) return null;
  const wait = link.retryAt === null ? 0 : Math.max(0, Math.ceil((link.retryAt - now) / 1000));
  return (
    <div class="banner banner-bad" role="alert">
      <span aria-hidden="true">⚠ </span><strong>The service does not answer.</strong>{' '}
      {link.at ? `What you see was so on ${moment(link.at)}. ` : ''}
      <span aria-hidden="true">{wait > 0 ? `Trying again in ${wait} s.` : 'Trying…'}</span>{' '}
      <button type="button" onClick={tryNow}>Try now</button>
    </div>
  );
}

export function LiveNews() {
  const [notes, setNotes] = useState<{ key: number; of: Case }[]>([]);
  const [back, setBack] = useState(false);
  useEffect(() => {
    let next = 0;
    return onNews((kind, what) => {
      if (kind === 'back') {
        setBack(true);
        window.setTimeout(() => setBack(false), 4000);
      }
      if (kind !== 'revision' || what === null) return;
      const of = what as Case;
      // Only what is new and matters interrupts; the lists show the rest.
      if (of.revision !== 1 || (of.level !== 'critical' && of.level !== 'alert')) return;
      const key = next++;
      setNotes((old) => [...old, { key, of }].slice(-notesMax));
      window.setTimeout(() => setNotes((old) => old.filter((note) => note.key !== key)), noteMs);
    });
  }, []);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {back && <div class="toast">The service answers again.</div>}
      {notes.map(({ key, of }) => (
        <div key={key} class={`toast toast-${of.level}`}>
          <LevelSign level={of.level} /> <a href={address.case(of.case)}>{headline(of).title}</a> <span class="quiet mono cut">{of.patient}</span>
          <button type="button" class="toast-close" aria-label="Dismiss" onClick={() => setNotes((old) => old.filter((note) => note.key !== key))}>×</button>
        </div>
      ))}
    </div>
  );
}
