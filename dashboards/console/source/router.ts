// Where we are: the address is the whole state of a page, so that it can be sent to a colleague.

import { useEffect, useState } from 'preact/hooks';

export interface Place { path: string; search: URLSearchParams }

export type Route =
  | { page: 'today' | 'cases' | 'programme' | 'feeds' | 'sign-in' | 'nowhere' }
  | { page: 'case' | 'patient' | 'quarantine'; id: string };

const movers = new Set<() => void>();
let steps = 0;  // how often this visit has moved on: whether "back" stays within the console

function here(): Place {
  return { path: window.location.pathname, search: new URLSearchParams(window.location.search) };
}
function moved(): void {
  for (const move of [...movers]) move();
}
window.addEventListener('popstate', () => {
  steps = Math.max(0, steps - 1);
  moved();
});

export function usePlace(): Place {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const move = () => setPlace(here());
    movers.add(move);
    return () => {
      movers.delete(move);
    };
  }, []);
  return place;
}

export function go(address: string, replace = false): void {
  if (address === window.location.pathname + window.location.search) return;
  if (replace) {
    window.history.replaceState(window.history.state, '', address);
  } else {
    window.history.pushState(null, '', address);
    steps += 1;
  }
  moved();
}

/** One up: to where we came from, or, of an address that was sent to us, to the list above it. */
export function goUp(route: Route): void {
  if (steps > 0) {
    window.history.back();
    return;
  }
  const parent: Partial<Record<Route['page'], string>> = { case: '/cases', patient: '/cases', quarantine: '/feeds' };
  go(parent[route.page] ?? '/');
}

/** Changes one part of the search of this address. */
export function setSearch(changes: Record<string, string | null>, replace = true): void {
  const search = new URLSearchParams(window.location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') search.delete(name);
    else search.set(name, value);
  }
  const text = search.toString();
  go(window.location.pathname + (text === '' ? '' : `?${text}`), replace);
}

/** Something kept with this step of the browser's history, such as how far a list was scrolled. */
export function rememberHere(name: string, value: unknown): void {
  const state = (window.history.state ?? {}) as Record<string, unknown>;
  window.history.replaceState({ ...state, [name]: value }, '');
}
export function rememberedHere(name: string): unknown {
  return ((window.history.state ?? {}) as Record<string, unknown>)[name];
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

export function routeOf(path: string): Route {
  const parts = path.split('/').slice(1);
  const [first = '', second] = parts;
  if (parts.length === 1) {
    if (first === '') return { page: 'today' };
    if (first === 'cases' || first === 'programme' || first === 'feeds' || first === 'sign-in') return { page: first };
  }
  if (parts.length === 2 && second !== undefined && second !== '') {
    const id = decoded(second);
    const page = ({ cases: 'case', patients: 'patient', quarantine: 'quarantine' } as const)[first];
    if (id !== null && page !== undefined) return { page, id };
  }
  return { page: 'nowhere' };
}

export const address = {
  case: (name: string) => `/cases/${encodeURIComponent(name)}`,
  patient: (id: string) => `/patients/${encodeURIComponent(id)}`,
  quarantine: (id: string) => `/quarantine/${encodeURIComponent(id)}`,
};

/** Follows a click on a link of ours without loading the page again. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest('a');
  if (!link || link.target !== '' || link.hasAttribute('download') || link.origin !== window.location.origin) return;
  if (link.getAttribute('href')?.startsWith('#') || routeOf(link.pathname).page === 'nowhere') return;
  event.preventDefault();
  go(link.pathname + link.search);
}
