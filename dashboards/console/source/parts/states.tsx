// Loading, empty and in trouble: each says what is the matter and what can be done.

import type { ComponentChildren } from 'preact';
import type { Trouble } from '../client';
import type { Resource } from '../resource';
import { tryNow } from '../news';

export function Loading({ what, rows = 6 }: { what: string; rows?: number }) {
  return (
    <div class="loading" role="status">
      <span class="hidden">Loading {what}…</span>
      {Array.from({ length: rows }, (_, i) => <div key={i} class={`bone bone-${i % 3}`} />)}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <svg viewBox="0 0 64 40" width="64" height="40" aria-hidden="true"><path d="M2 30h14l4-9 7 17 7-34 6 26h22" /></svg>
      <p class="empty-title">{title}</p>
      {children !== undefined && <div class="quiet">{children}</div>}
    </div>
  );
}

export function TroubleNote({ trouble, again }: { trouble: Trouble; again?: () => void }) {
  if (trouble.kind === 'signed-out') return <div class="note note-bad" role="alert">The session has ended.</div>;
  const away = trouble.kind === 'away';
  const unknown = trouble.kind === 'refused' && trouble.status === 404;
  return (
    <div class="note note-bad" role="alert">
      <p class="note-title">{away ? 'The service does not answer' : unknown ? 'There is nothing of that name' : 'That could not be read'}</p>
      <p>
        {away ? 'It may be starting again, or the network is down. Nothing is lost: what was acknowledged is on its disk.' : trouble.text}
      </p>
      {again && <button type="button" onClick={() => { if (away) tryNow(); again(); }}>Try again</button>}
    </div>
  );
}

/** The page's content, or what stands in its place. What is old but there is shown, with a note. */
export function Shown<T>({ resource, what, children }: { resource: Resource<T>; what: string; children: (value: T) => ComponentChildren }) {
  const { value, trouble, again } = resource;
  if (value === null) return trouble ? <TroubleNote trouble={trouble} again={again} /> : <Loading what={what} />;
  return (
    <>
      {trouble && trouble.kind !== 'away' && <TroubleNote trouble={trouble} again={again} />}
      {children(value)}
    </>
  );
}
