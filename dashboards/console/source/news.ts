// What the service says by itself: server-sent events, and whether it is there at all.

import type { Case, Instant } from './api';
import { readSession, whenAway } from './client';

export type NewsKind = 'revision' | 'quarantine' | 'at' | 'back';
type Listener = (kind: NewsKind, what: unknown) => void;

export interface Link {
  up: boolean;
  at: Instant | null;
  retryAt: number | null;  // milliseconds of the machine's clock
}

const retryFirstMs = 1000;
const retryMaxMs = 30_000;

const listeners = new Set<Listener>();
const watchers = new Set<(link: Link) => void>();
let link: Link = { up: true, at: null, retryAt: null };
let stream: EventSource | null = null;
let timer: number | undefined;
let failures = 0;
let hasBeenOpen = false;
let onSignedOut: () => void = () => {};

export function onNews(listen: Listener): () => void {
  listeners.add(listen);
  return () => listeners.delete(listen);
}
export function watchLink(watch: (link: Link) => void): () => void {
  watchers.add(watch);
  watch(link);
  return () => watchers.delete(watch);
}
function set(change: Partial<Link>): void {
  link = { ...link, ...change };
  for (const watch of watchers) watch(link);
}
function tell(kind: NewsKind, what: unknown): void {
  for (const listen of [...listeners]) listen(kind, what);
}
function parsed<T>(event: MessageEvent): T | null {
  try {
    return JSON.parse(event.data as string) as T;
  } catch {
    return null;
  }
}

function open(): void {
  stream?.close();
  const opened = new EventSource('/api/v1/news');
  stream = opened;
  opened.onopen = () => {
    const again = hasBeenOpen;
    hasBeenOpen = true;
    failures = 0;
    set({ up: true, retryAt: null });
    // Whatever came while there was no stream was told to nobody, however short it was.
    if (again) tell('back', null);
  };
  opened.addEventListener('reload', () => tell('back', null));
  opened.addEventListener('revision', (event) => tell('revision', parsed<Case>(event as MessageEvent)));
  opened.addEventListener('quarantine', (event) => tell('quarantine', parsed(event as MessageEvent)));
  opened.addEventListener('at', (event) => {
    const said = parsed<{ at: Instant }>(event as MessageEvent);
    if (said) set({ at: said.at });
    tell('at', said);
  });
  // The browser would try again by itself, but never after an answer that is no stream, and without saying when.
  opened.onerror = () => {
    opened.close();
    if (stream === opened) void lost();
  };
}

/** Asks who we are, to tell a service that is away from a session that has ended; then waits, longer each time. */
async function lost(): Promise<void> {
  stream = null;
  window.clearTimeout(timer);
  const session = await readSession();
  if (!session.ok && session.trouble.kind === 'signed-out') {
    set({ up: true, retryAt: null });
    onSignedOut();
    return;
  }
  const wait = Math.min(retryMaxMs, retryFirstMs * 2 ** failures) * (0.8 + 0.4 * Math.random());
  failures += 1;
  const away = !session.ok && session.trouble.kind === 'away';
  set({ up: away ? false : failures < 3, retryAt: Date.now() + wait });
  timer = window.setTimeout(open, wait);
}

/** Begins to listen; a session that has ended is told to `signedOut`. */
export function startNews(signedOut: () => void): void {
  onSignedOut = signedOut;
  whenAway(() => {
    if (stream === null || !link.up) return;
    // A request found nobody: the stream will notice too, but perhaps only after minutes.
    stream.close();
    void lost();
  });
  failures = 0;
  open();
}
export function stopNews(): void {
  window.clearTimeout(timer);
  stream?.close();
  stream = null;
}
export function tryNow(): void {
  window.clearTimeout(timer);
  open();
}
