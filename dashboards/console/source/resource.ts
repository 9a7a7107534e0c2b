// What a page has asked for: loading, there, or in trouble. What was there stays while it is asked again.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get, type Result, type Trouble } from './client';
import { onNews } from './news';

export interface Resource<T> {
  value: T | null;
  trouble: Trouble | null;
  loading: boolean;
  again: () => void;
}

/** Answers are kept so that going back shows at once what was there; oldest out first. */
const keptMax = 40;
const kept = new Map<string, unknown>();
function keep(path: string, value: unknown): void {
  kept.delete(path);
  kept.set(path, value);
  if (kept.size > keptMax) kept.delete(kept.keys().next().value as string);
}
export function forgetAnswers(): void {
  kept.clear();
}

/** News come in bursts; a page asks again at most this often. */
const newsPauseMs = 1500;

/** `path` null: nothing is asked. `live`: asked again when news come. */
export function useResource<T>(path: string | null, live = false): Resource<T> {
  const [state, setState] = useState<{ path: string | null; value: T | null; trouble: Trouble | null }>(() => ({
    path,
    value: path === null ? null : ((kept.get(path) as T | undefined) ?? null),
    trouble: null,
  }));
  const [round, setRound] = useState(0);
  const [loading, setLoading] = useState(path !== null);
  const again = useCallback(() => setRound((n) => n + 1), []);

  useEffect(() => {
    if (path === null) {
      setLoading(false);
      return;
    }
    const abort = new AbortController();
    setLoading(true);
    void get<T>(path, abort.signal).then((result: Result<T>) => {
      if (abort.signal.aborted) return;
      setLoading(false);
      if (result.ok) {
        keep(path, result.value);
        setState({ path, value: result.value, trouble: null });
      } else {
        const old = (kept.get(path) as T | undefined) ?? null;
        setState({ path, value: result.trouble.kind === 'away' ? old : null, trouble: result.trouble });
      }
    });
    return () => abort.abort();
  }, [path, round]);

  const timer = useRef<number | undefined>(undefined);
  useEffect(() => {
    if (!live) return;
    const stop = onNews((kind) => {
      if (kind === 'at') return;
      timer.current ??= window.setTimeout(() => {
        timer.current = undefined;
        again();
      }, kind === 'back' ? 0 : newsPauseMs);
    });
    return () => {
      stop();
      window.clearTimeout(timer.current);
      timer.current = undefined;
    };
  }, [live, again]);

  if (state.path !== path) {
    const old = path === null ? null : ((kept.get(path) as T | undefined) ?? null);
    return { value: old, trouble: null, loading: true, again };
  }
  return { value: state.value, trouble: state.trouble, loading, again };
}
