// Asks the service. Every answer is a Result: the pages show what went wrong, they do not catch it.

import type { ApiProblem, Session } from './api';

export type Trouble =
  | { kind: 'away' }                       // nobody answers
  | { kind: 'signed-out' }                 // 401
  | { kind: 'refused'; status: number; type: string; text: string };
export type Result<T> = { ok: true; value: T } | { ok: false; trouble: Trouble };

/** A request that takes longer than this is given up: a reviewer should see that, not wait for ever. */
const requestSecondsMax = 60;

let csrf: string | null = null;
let onSignedOut: () => void = () => {};
let onAway: () => void = () => {};

export function whenSignedOut(act: () => void): void {
  onSignedOut = act;
}
export function whenAway(act: () => void): void {
  onAway = act;
}

function isProblem(value: unknown): value is ApiProblem {
  return typeof value === 'object' && value !== null && typeof (value as ApiProblem).error === 'string';
}

async function ask<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Result<T>> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET' && csrf !== null) headers['X-CSRF-Token'] = csrf;
  const timeout = AbortSignal.timeout(requestSecondsMax * 1000);
  let response: Response;
  let text: string;
  try {
    response = await fetch(`/api/v1/${path}`, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ? anyOf(signal, timeout) : timeout,
      credentials: 'same-origin',
      cache: 'no-store',
    });
    text = await response.text();
  } catch {
    if (!signal?.aborted) onAway();
    return { ok: false, trouble: { kind: 'away' } };
  }
  let value: unknown;
  try {
    value = text === '' ? null : JSON.parse(text);
  } catch {
    value = null;
  }
  if (response.ok) return { ok: true, value: value as T };
  if (response.status === 401) {
    if (path !== 'session') onSignedOut();
    return { ok: false, trouble: { kind: 'signed-out' } };
  }
  return {
    ok: false,
    trouble: {
      kind: 'refused',
      status: response.status,
      type: isProblem(value) ? value.errorType : 'unknown',
      text: isProblem(value) ? value.error : `The service answered ${response.status}.`,
    },
  };
}

// AbortSignal.any is younger than the browsers we support.
function anyOf(first: AbortSignal, second: AbortSignal): AbortSignal {
  const both = new AbortController();
  for (const one of [first, second]) {
    if (one.aborted) both.abort();
    one.addEventListener('abort', () => both.abort(), { once: true });
  }
  return both.signal;
}

export function get<T>(path: string, signal?: AbortSignal): Promise<Result<T>> {
  return ask<T>('GET', path, undefined, signal);
}

/** POST and DELETE need the token of the session; if it is not known yet, it is asked for first. */
async function change<T>(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<Result<T>> {
  if (csrf === null) await readSession();
  return ask<T>(method, path, body);
}
export function post<T>(path: string, body?: unknown): Promise<Result<T>> {
  return change<T>('POST', path, body);
}

function keep(result: Result<Session>): Result<Session> {
  csrf = result.ok ? result.value.csrf : null;
  return result;
}
export async function readSession(signal?: AbortSignal): Promise<Result<Session>> {
  return keep(await ask<Session>('GET', 'session', undefined, signal));
}
export async function signIn(token: string): Promise<Result<Session>> {
  return keep(await ask<Session>('POST', 'session', { token }));
}
export async function signOut(): Promise<Result<Session>> {
  const result = await change<Session>('DELETE', 'session');
  csrf = null;
  return result;
}

/** `a=1&b=2` of what is set, in the order given. */
export function query(values: Record<string, string | number | undefined | null>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}
