// Feeds: does every source still speak, and what of it could not be understood.

import { useCallback, useEffect, useRef } from 'preact/hooks';
import type { Feed, Feeds, Quarantine, QuarantineEntry } from '../api';
import { query } from '../client';
import { Page, Section } from '../parts/page';
import { Time } from '../parts/signs';
import { Empty, Loading, Shown, TroubleNote } from '../parts/states';
import { usePages, VirtualList } from '../parts/virtual_list';
import { useResource } from '../resource';
import { address, setSearch, usePlace } from '../router';
import { ago, count, hours, number } from '../words/format';
import { quarantineReason } from '../words/quarantine';
import { AsOf } from './today';

export function FeedsPage() {
  const resource = useResource<Feeds>('feeds', true);
  return (
    <Page title="Feeds" beside={resource.value && <AsOf today={resource.value} />}>
      <Shown resource={resource} what="the feeds">
        {(feeds) => (
          <>
            {!feeds.complete && <p class="note" role="status">The service is still reading its store: numbers may grow in the next minutes.</p>}
            {feeds.feeds.length === 0 ? <Empty title="No source has sent anything yet">Facts are posted to the intake, or loaded from files.</Empty> : <Sources feeds={feeds} />}
          </>
        )}
      </Shown>
      <QuarantineList feeds={resource.value?.feeds ?? []} />
    </Page>
  );
}

function Sources({ feeds }: { feeds: Feeds }) {
  const sorted = [...feeds.feeds].sort((a, b) => Number(b.silent) - Number(a.silent) || waiting(b) - waiting(a) || (a.source < b.source ? -1 : 1));
  const silent = sorted.filter((feed) => feed.silent).length;
  return (
    <Section title="Sources" note={`${count(sorted.length, 'source')}, ${silent === 0 ? 'none silent' : `${silent} silent against the usual rhythm`}`}>
      <div class="scroll" tabIndex={0} role="region" aria-label="Sources">
        <table class="plain feeds">
          <thead>
            <tr>
              <th scope="col">Source</th><th scope="col">Last received (UTC)</th><th scope="col">Usual rhythm</th><th scope="col">Lateness (median)</th>
              <th scope="col" class="num">Entries</th><th scope="col">Since the start</th><th scope="col">Quarantine</th>
            </tr>
          </thead>
          <tbody>{sorted.map((feed) => <SourceRow key={feed.source} feed={feed} at={feeds.at} />)}</tbody>
        </table>
      </div>
    </Section>
  );
}
const waiting = (feed: Feed) => feed.quarantined.reduce((sum, one) => sum + one.waiting, 0);

function SourceRow({ feed, at }: { feed: Feed; at: string }) {
  const { accepted, duplicate, conflict, quarantined } = feed.since_start;
  const parts = [`${number(accepted)} accepted`, ...(duplicate ? [`${number(duplicate)} repeated`] : []), ...(conflict ? [`${number(conflict)} in conflict`] : []), ...(quarantined ? [`${number(quarantined)} quarantined`] : [])];
  return (
    <tr>
      <th scope="row" class="breakable source">{feed.source}{feed.silent && <span class="chip chip-doubt"><span aria-hidden="true">◌ </span>silent</span>}</th>
      <td>{feed.last_received ? <><Time at={feed.last_received} /> <span class="quiet line">{ago(feed.last_received, at)}</span></> : <span class="quiet">never</span>}</td>
      <td>{feed.usual_gap_hours === null ? <span class="quiet">not known yet</span> : <>at least every <span class="line">{hours(feed.usual_gap_hours)}</span></>}</td>
      <td>{feed.lateness_hours === null ? <span class="quiet">not known yet</span> : <>{hours(feed.lateness_hours.median)} <span class="quiet line">95 % within {hours(feed.lateness_hours.p95)}</span></>}</td>
      <td class="num">{number(feed.entries)}</td>
      <td>{accepted + duplicate + conflict + quarantined === 0 ? <span class="quiet">nothing</span> : parts.join(', ')}</td>
      <td>
        {feed.quarantined.length === 0 ? <span class="quiet">nothing</span> : (
          <ul>
            {feed.quarantined.map((one) => (
              <li key={one.reason}>
                <a href={`/feeds${query({ source: feed.source, reason: one.reason })}`}>{one.reason}</a>{' '}
                {one.waiting > 0 ? <strong>{number(one.waiting)} waiting</strong> : <span class="quiet">none waiting</span>}
                {one.total > one.waiting && <span class="quiet"> of {number(one.total)}</span>}
                {one.field && <span class="quiet">, last <a href={address.quarantine(one.newest)} title={`expected ${one.expected}`}><code>{one.field}</code></a></span>}
              </li>
            ))}
          </ul>
        )}
      </td>
    </tr>
  );
}

const states = ['waiting', 'answered', 'discarded'];
const take = (answer: unknown) => {
  const { at, total, quarantine } = answer as Quarantine;
  return { at, total, rows: quarantine };
};
function QuarantineList({ feeds }: { feeds: Feed[] }) {
  const { search } = usePlace();
  const asked = { source: search.get('source'), reason: search.get('reason'), state: search.get('state') };
  const key = query(asked);
  const list = usePages<QuarantineEntry>(key, useCallback((offset: number, limit: number) => `quarantine${query({ ...asked, offset, limit })}`, [key]), take, true);
  const section = useRef<HTMLDivElement>(null);
  // Whoever comes by a link to part of the quarantine wants to see it.
  useEffect(() => {
    if (key !== '') section.current?.scrollIntoView({ block: 'start' });
  }, [key, list.total === null]);
  const reasons = [...new Set(feeds.flatMap((feed) => feed.quarantined.map((one) => one.reason)))].sort();
  const choice = (label: string, name: 'source' | 'reason' | 'state', of: string[]) => (
    <label class="field"><span>{label}</span>
      <select value={asked[name] ?? ''} onChange={(event) => setSearch({ [name]: event.currentTarget.value })}>
        <option value="">any</option>
        {asked[name] && !of.includes(asked[name]) && <option value={asked[name]}>{asked[name]}</option>}
        {of.map((one) => <option key={one} value={one}>{one}</option>)}
      </select>
    </label>
  );
  return (
    <div ref={section} id="quarantine">
      <Section title="Quarantine" note={list.total === null ? undefined : `${count(list.total, 'entry', 'entries')}; the newest first. No rule reads what stands here, but for a value that would be critical if true.`}>
        <div class="filters filters-facts filters-open">{choice('Source', 'source', feeds.map((feed) => feed.source))}{choice('Reason', 'reason', reasons)}{choice('State', 'state', states)}</div>
        {list.total === null && (list.trouble ? <TroubleNote trouble={list.trouble} again={list.refresh} /> : <Loading what="the quarantine" />)}
        {list.total === 0 && <p class="calm"><span aria-hidden="true">✓ </span>{key === '' ? 'Nothing is in quarantine: all that came was understood.' : 'Nothing matches.'}</p>}
        {list.total !== null && list.total > 0 && (
          <div class="quarantine-table">
            <VirtualList label="Quarantine" name={`quarantine${key}`} total={list.total} rowHeight={52} onWant={list.want} head={['Reason', 'Expected', 'Source and fact', 'Received (UTC)', 'State'].map((name) => <div key={name} class="cell" role="columnheader">{name}</div>)}>
              {(index) => <EntryRow of={list.row(index)} index={index} />}
            </VirtualList>
          </div>
        )}
      </Section>
    </div>
  );
}

export function entryState(of: QuarantineEntry): string {
  return of.discarded ? 'discarded' : of.answered ? 'answered' : 'waiting';
}
function EntryRow({ of, index }: { of: QuarantineEntry | undefined; index: number }) {
  if (!of) return <div class="cell cell-wait" role="cell"><div class={`bone bone-${index % 3}`} /></div>;
  return (
    <>
      <div class="cell" role="cell"><a href={address.quarantine(of.id)} data-open title={quarantineReason(of.reason)}>{of.reason}</a> {of.field && <code>{of.field}</code>}</div>
      <div class="cell" role="cell" title={of.expected}>{of.expected}</div>
      <div class="cell mono" role="cell" title={`${of.source ?? ''} ${of.fact ?? ''}`}>{of.source ? `${of.source} ${of.fact ?? ''}` : <span class="quiet">not readable</span>}</div>
      <div class="cell" role="cell"><Time at={of.received} /></div>
      <div class="cell" role="cell">{entryState(of)}</div>
    </>
  );
}
