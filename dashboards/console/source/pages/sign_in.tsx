// Exchanges a token for a session. The page we came from is kept in this tab only, and never sent anywhere.

import { useState } from 'preact/hooks';
import { signIn } from '../client';
import { Page } from '../parts/page';
import { forgetAnswers } from '../resource';
import { go, routeOf, usePlace } from '../router';

const backKey = 'ketavigil.back';

/** Leads to the sign-in page, and remembers where to return. */
export function leaveFor(why: 'expired' | 'needed'): void {
  if (window.location.pathname === '/sign-in') return;
  const here = window.location.pathname + window.location.search;
  try {
    window.sessionStorage.setItem(backKey, here);
  } catch {
    // Then we return to Today.
  }
  go(`/sign-in?why=${why}`, true);
}

/** Only an address of ours: nobody can be led elsewhere. */
function back(): string {
  let text: string | null = null;
  try {
    text = window.sessionStorage.getItem(backKey);
    window.sessionStorage.removeItem(backKey);
  } catch {
    return '/';
  }
  if (text === null || !text.startsWith('/') || text.startsWith('//')) return '/';
  const route = routeOf(text.split('?')[0] ?? '/');
  return route.page === 'nowhere' || route.page === 'sign-in' ? '/' : text;
}

export function SignInPage() {
  const why = usePlace().search.get('why');
  const [token, setToken] = useState('');
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    if (token.trim() === '') {
      setWrong('Enter the token that you were given.');
      return;
    }
    setBusy(true);
    const result = await signIn(token.trim());
    setBusy(false);
    if (result.ok) {
      setToken('');
      forgetAnswers();
      go(back(), true);
      return;
    }
    setWrong(result.trouble.kind === 'away' ? 'The service does not answer. Try again in a moment.'
      : result.trouble.kind === 'signed-out' ? 'This token is not known, was revoked, or has expired. Ask for another.' : result.trouble.text);
  };
  return (
    <Page title="Sign in">
      <div class="sign-in">
        {why === 'expired' && <p class="note note-warn" role="status"><strong>Your session has ended.</strong> Sign in to return to where you were.</p>}
        <form onSubmit={(event) => void submit(event)}>
          <label class="field">
            <span>Token</span>
            <input type="password" name="token" autocomplete="current-password" autoFocus value={token} aria-invalid={wrong !== ''} aria-describedby="sign-in-help" onInput={(event) => { setToken(event.currentTarget.value); setWrong(''); }} />
          </label>
          <p id="sign-in-help" class="quiet small">Whoever runs this service makes one with <code>ketavigil token</code>. It is exchanged for a session of this browser and not kept.</p>
          {wrong !== '' && <p class="note note-bad" role="alert">{wrong}</p>}
          <button type="submit" class="button-main" disabled={busy}>{busy ? 'Signing in…' : 'Sign in'}</button>
        </form>
      </div>
    </Page>
  );
}
