// The console: a frame that stays, and in it the page that the address names.

import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Catalogue, Session } from './api';
import { readSession, signOut, whenSignedOut } from './client';
import { Keys } from './parts/keys';
import { Banner, LiveNews } from './parts/live';
import { Empty } from './parts/states';
import { Page, setProgramme } from './parts/page';
import { Icon } from './parts/signs';
import { Tour } from './parts/tour';
import { startNews, stopNews } from './news';
import { CasePage } from './pages/case';
import { CasesPage } from './pages/cases';
import { FeedsPage } from './pages/feeds';
import { PatientPage } from './pages/patient';
import { ProgrammePage } from './pages/programme';
import { QuarantinePage } from './pages/quarantine';
import { leaveFor, SignInPage } from './pages/sign_in';
import { TodayPage } from './pages/today';
import { forgetAnswers, useResource } from './resource';
import { followLinks, go, routeOf, usePlace, type Route } from './router';
import { applyTheme, setTheme, theme, type Theme } from './visit';
import 'uplot/dist/uPlot.min.css';
import './styles/console.css';

const expiryWarningMs = 5 * 60_000;

const pages = [
  { address: '/', name: 'Today', icon: 'today', key: 't', of: ['today'] },
  { address: '/cases', name: 'Cases', icon: 'cases', key: 'c', of: ['cases', 'case', 'patient'] },
  { address: '/programme', name: 'Programme', icon: 'programme', key: 'p', of: ['programme'] },
  { address: '/feeds', name: 'Feeds', icon: 'feeds', key: 'f', of: ['feeds', 'quarantine'] },
] as const;

function PageOf({ route }: { route: Route }) {
  switch (route.page) {
    case 'today': return <TodayPage />;
    case 'cases': return <CasesPage />;
    case 'case': return <CasePage key={route.id} name={route.id} />;
    case 'patient': return <PatientPage key={route.id} id={route.id} />;
    case 'programme': return <ProgrammePage />;
    case 'feeds': return <FeedsPage />;
    case 'quarantine': return <QuarantinePage key={route.id} id={route.id} />;
    case 'sign-in': return <SignInPage />;
    case 'nowhere': return <Page title="There is no such page"><Empty title="This address leads nowhere"><a href="/">Today</a></Empty></Page>;
  }
}

function App() {
  const { path } = usePlace();
  const route = routeOf(path);
  useEffect(() => {
    document.addEventListener('click', followLinks);
    return () => document.removeEventListener('click', followLinks);
  }, []);
  if (route.page === 'sign-in') return <main id="main" class="main-alone"><SignInPage /></main>;
  return <Frame route={route} />;
}

function Frame({ route }: { route: Route }) {
  const [session, setSession] = useState<Session | null>(null);
  useEffect(() => {
    whenSignedOut(() => leaveFor('expired'));
    void readSession().then((result) => {
      if (result.ok) setSession(result.value);
      else if (result.trouble.kind === 'signed-out') leaveFor('needed');
    });
    startNews(() => leaveFor('expired'));
    return stopNews;
  }, []);
  const catalogue = useResource<Catalogue>('catalogue').value;
  if (catalogue) setProgramme(catalogue.programme);
  return (
    <>
      <a class="skip" href="#main">Skip to the content</a>
      <nav class="rail" aria-label="Pages">
        <a class="brand" href="/" aria-label="Ketavigil, today">
          <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true"><rect width="32" height="32" rx="8" class="brand-ground" /><path d="M4 18h6l2.500-7 4 14 4-18 3 11H28" class="brand-line" /></svg>
          <span class="brand-name">Ketavigil</span>
        </a>
        <ul class="rail-pages">
          {pages.map((one) => (
            <li key={one.name}>
              <a href={one.address} aria-current={(one.of as readonly string[]).includes(route.page) ? 'page' : undefined} data-tour={one.name.toLowerCase()} title={`${one.name} (keys g ${one.key})`}>
                <Icon name={one.icon} /><span>{one.name}</span>
              </a>
            </li>
          ))}
        </ul>
        <div class="rail-foot">
          {catalogue && <p class="programme" title="The data directory"><span class="quiet">programme</span> <span class="breakable">{catalogue.programme}</span></p>}
          <Tools session={session} />
          <p class="quiet small">All times are UTC.{catalogue && ` Version ${catalogue.version}`}</p>
        </div>
      </nav>
      <div class="stage">
        <Banner />
        {session?.expires && <Expiry at={session.expires} />}
        <main id="main" tabIndex={-1}><PageOf route={route} /></main>
      </div>
      <LiveNews />
      <Keys route={route} />
      <Tour />
    </>
  );
}

const themes: { value: Theme; name: string }[] = [{ value: null, name: 'as the system' }, { value: 'light', name: 'light' }, { value: 'dark', name: 'dark' }];
function Tools({ session }: { session: Session | null }) {
  const [now, setNow] = useState(theme());
  const next = themes[(themes.findIndex((one) => one.value === now) + 1) % themes.length] as (typeof themes)[number];
  const name = themes.find((one) => one.value === now)?.name;
  return (
    <div class="tools">
      <button type="button" class="tool" title={`Colours: ${name}; change to ${next.name}`} onClick={() => { setTheme(next.value); setNow(next.value); }}><Icon name="theme" /><span>{now ?? 'auto'}<span class="hidden"> colours, change</span></span></button>
      <button type="button" class="tool" data-key="?" title="Keys and help (?)"><Icon name="keys" /><span>Keys</span></button>
      {session?.name && (
        <button type="button" class="tool" title={`Signed in as ${session.name}`} onClick={() => void signOut().then(() => { forgetAnswers(); stopNews(); go('/sign-in'); })}><Icon name="out" /><span>Sign out</span></button>
      )}
    </div>
  );
}

function Expiry({ at }: { at: string }) {
  const [near, setNear] = useState(false);
  useEffect(() => {
    const wait = Date.parse(at) - Date.now() - expiryWarningMs;
    // Timers cannot wait longer than about 24 days.
    const timer = window.setTimeout(() => setNear(true), Math.max(0, Math.min(wait, 2 ** 31 - 1)));
    return () => window.clearTimeout(timer);
  }, [at]);
  return near ? <div class="banner banner-warn" role="status">Your session ends within five minutes. <a href="/sign-in">Sign in again</a></div> : null;
}

applyTheme();
const root = document.getElementById('root');
if (root) render(<App />, root);
