// What this browser remembers of its reader: the moment up to which the news were seen, and how the page should look.
// Nothing about a patient is ever kept.

import type { Instant } from './api';

function read(name: string): string | null {
  try {
    return window.localStorage.getItem(`ketavigil.${name}`);
  } catch {
    return null;
  }
}
function write(name: string, value: string | null): void {
  try {
    if (value === null) window.localStorage.removeItem(`ketavigil.${name}`);
    else window.localStorage.setItem(`ketavigil.${name}`, value);
  } catch {
    // A browser that keeps nothing: the news are then those of the last day.
  }
}

export function lookedAt(): Instant | null {
  const text = read('looked');
  return text !== null && !Number.isNaN(Date.parse(text)) ? text : null;
}
export function setLookedAt(at: Instant): void {
  write('looked', at);
}

export function wasGuided(): boolean {
  return read('guided') !== null;
}
export function setGuided(): void {
  write('guided', new Date().toISOString());
}

export type Theme = 'light' | 'dark' | null;
export function theme(): Theme {
  const text = read('theme');
  return text === 'light' || text === 'dark' ? text : null;
}
const themeListeners = new Set<() => void>();
export function onTheme(act: () => void): () => void {
  themeListeners.add(act);
  return () => themeListeners.delete(act);
}
export function setTheme(to: Theme): void {
  write('theme', to);
  applyTheme();
}
export function applyTheme(): void {
  const chosen = theme();
  if (chosen === null) delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = chosen;
  for (const act of [...themeListeners]) act();
}
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', applyTheme);
