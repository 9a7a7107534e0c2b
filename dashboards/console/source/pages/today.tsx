// Today: what is new since the reader last looked, the critical first.

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { levels, type Feed, type Level, type News, type Today } from '../api';
import { query } from '../client';
import { CaseCard } from '../parts/case_row';
import { Page, Section } from '../parts/page';
import { LevelSign, Time } from '../parts/signs';
import { Empty, Shown } from '../parts/states';
import { useResource } from '../resource';
import { setSearch, usePlace } from '../router';
import { ago, count, isoDay, milliseconds, number } from '../words/format';
import { lookedAt, setLookedAt } from '../visit';

const cardsMax = 20;
const cardsAtFirst = 5;
const spans: [string, number][] = [['a day', 1], ['a week', 7], ['30 days', 30], ['a year', 365]];

export function TodayPage() {
  const place = usePlace();
  const [, looked] = useState(0);
  const asked = place.search.get('since');
  const since = asked ?? lookedAt();
  const resource = useResource<Today>(`today${query({ since })}`, true);
  return (
    <Page title="Today" beside={resource.value && <AsOf today={resource.value} />}>
      <Shown resource={resource} what="what is new">
        {(today) => (
          <>
            <Since today={today} asked={asked !== null} onSeen={() => {
              setLookedAt(today.at);
              if (asked !== null) setSearch({ since: null });
              looked((n) => n + 1);
            }} />
            {!today.complete && <p class="note" role="status">The service is still reading its store: more may come in the next minutes.</p>}
            <Counts open={today.open} />
            <Warnings today={today} />
            <div data-tour="critical"><Critical news={today.critical} at={today.at} /></div>
            {[today.new, today.worse, today.better, today.withdrawn].every((one) => one.total === 0) ? (
              <Section title="News"><Empty title="Nothing is new, worse, better or withdrawn since then">Look further back above, or see <a href="/cases">all cases</a>.</Empty></Section>
            ) : <div class="columns" data-tour="news">
              <div class="column">
                <NewsList title="New" hint="raised since then" news={today.new} at={today.at} link={{ 'updated-since': today.since }} />
                <NewsList title="Better" hint="resolved or lowered" news={today.better} at={today.at} link={{ 'updated-since': today.since, state: 'resolved' }} />
              </div>
              <div class="column">
                <NewsList title="Worse" hint="the level rose" news={today.worse} at={today.at} link={{ 'updated-since': today.since }} />
                <NewsList title="Withdrawn" hint="does not hold by later data, or its facts were withdrawn" news={today.withdrawn} at={today.at} link={{ 'updated-since': today.since }} />
              </div>
            </div>}
            {today.oldest_open && (
              <Section title="Open for longest" note="of level alert or critical">
                <ul class="cards"><CaseCard of={today.oldest_open} at={today.at} /></ul>
              </Section>
            )}
          </>
        )}
      </Shown>
    </Page>
  );
}

export function AsOf({ today }: { today: { at: string } }) {
  return <p class="as-of">Data as of <Time at={today.at} /></p>;
}

function Since({ today, asked, onSeen }: { today: Today; asked: boolean; onSeen: () => void }) {
  const from = lookedAt();
  const back = (days: number) => isoDay(milliseconds(today.at) - days * 86_400_000);
  return (
    <div class="since" data-tour="since">
      <p>
        {asked ? 'News since ' : from === null ? 'News of the last day, since ' : 'Since you last looked, '}
        <strong><Time at={today.since} /></strong>
        <span class="quiet"> ({ago(today.since, today.at)})</span>
      </p>
      <div class="buttons">
        <span class="quiet">look back</span>
        {spans.map(([name, days]) => (
          <button type="button" key={name} class="button-quiet" aria-pressed={asked && isoDay(today.since) === back(days)} onClick={() => setSearch({ since: `${back(days)}T00:00:00Z` }, false)}>{name}</button>
        ))}
        <button type="button" class="button-main" onClick={onSeen} data-key="m" title="From now on, only what comes after this counts as new (key m)">I have seen this</button>
      </div>
    </div>
  );
}

function Counts({ open }: { open: Record<Level, number> }) {
  return (
    <ul class="counts" aria-label="Open cases by level" data-tour="levels">
      {levels.map((level) => (
        <li key={level} class={`count count-${level}`}>
          <a href={`/cases?level=${level}&state=open`}>
            <span class="count-number">{number(open[level])}</span>
            <span class="count-word">open <LevelSign level={level} /></span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function Warnings({ today }: { today: Today }) {
  const hidden = today.quarantine.may_hide_critical;
  const feeds = today.silent_feeds;
  if (feeds.length === 0 && today.quarantine.waiting === 0 && hidden.total === 0) return null;
  return (
    <div class="warnings">
      {hidden.total > 0 && (
        <div class="note note-bad">
          <p class="note-title">{count(hidden.total, 'critical case')} rest{hidden.total === 1 ? 's' : ''} on what is in quarantine</p>
          <ul class="cards">{hidden.cases.map((one) => <CaseCard key={one.case} of={one} at={today.at} />)}</ul>
        </div>
      )}
      {feeds.length > 0 && (
        <p class="note note-warn"><span aria-hidden="true">◌ </span><strong>{count(feeds.length, 'feed is', 'feeds are')} silent</strong>, against the usual rhythm: <Names feeds={feeds} /> <a href="/feeds">Feeds</a></p>
      )}
      {today.quarantine.waiting > 0 && (
        <p class="note note-warn"><span aria-hidden="true">⚠ </span><strong>{count(today.quarantine.waiting, 'entry waits', 'entries wait')} in quarantine</strong>: not understood or not believed, so no rule reads them. <a href="/feeds?state=waiting">Look at them</a></p>
      )}
    </div>
  );
}
function Names({ feeds }: { feeds: Feed[] }) {
  const shown = feeds.slice(0, 3).map((feed) => feed.source).join(', ');
  return <span class="breakable">{shown}{feeds.length > 3 ? ` and ${feeds.length - 3} more` : ''}.</span>;
}

function Critical({ news, at }: { news: News; at: string }) {
  return (
    <Section title="Critical and open" note={news.total > 0 ? count(news.total, 'case') : undefined}>
      {news.total === 0 ? <p class="calm"><span aria-hidden="true">✓ </span>No critical case is open.</p> : <Cards news={news} at={at} more="/cases?level=critical&state=open" />}
    </Section>
  );
}

function NewsList({ title, hint, news, at, link }: { title: string; hint: string; news: News; at: string; link: Record<string, string> }) {
  return (
    <Section title={title} note={news.total === 0 ? undefined : <><strong class="number">{number(news.total)}</strong> · {hint}</>}>
      {news.total === 0 ? <p class="quiet">Nothing is {title.toLowerCase()} since then.</p> : <Cards news={news} at={at} more={`/cases${query(link)}`} />}
    </Section>
  );
}

function Cards({ news, at, more }: { news: News; at: string; more: string }): ComponentChildren {
  const [all, setAll] = useState(false);
  const shown = news.cases.slice(0, all ? cardsMax : cardsAtFirst);
  return (
    <>
      <ul class="cards">{shown.map((one) => <CaseCard key={one.case} of={one} at={at} />)}</ul>
      <p class="more">
        {news.cases.length > shown.length && <button type="button" class="button-quiet" onClick={() => setAll(true)}>Show {news.cases.length - shown.length} more</button>}
        {news.total > shown.length && <a href={more}>All {number(news.total)} in Cases</a>}
      </p>
    </>
  );
}
