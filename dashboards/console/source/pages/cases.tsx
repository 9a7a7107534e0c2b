// Cases: a table of any length; the filter, the order and the search are the address.

import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { caseStates, levels, type Case, type Cases, type Catalogue } from '../api';
import { query } from '../client';
import { AsOf } from './today';
import { Page } from '../parts/page';
import { LevelSign, Sparkline, StateSign, Time, Unverified } from '../parts/signs';
import { Empty, Loading, TroubleNote } from '../parts/states';
import { usePages, VirtualList } from '../parts/virtual_list';
import { useResource } from '../resource';
import { address, setSearch, usePlace } from '../router';
import { domainNames, headline, wordsOf } from '../words/detectors';
import { count, day } from '../words/format';

const filters = ['level', 'state', 'domain', 'detector', 'site', 'compound', 'patient', 'since', 'updated-since', 'verified', 'search', 'sort', 'order', 'at', 'as-of'] as const;
const columns = [
  { sort: 'level', name: 'Level' },
  { sort: 'detector', name: 'What' },
  { sort: 'patient', name: 'Patient' },
  { sort: 'site', name: 'Site' },
  { sort: 'onset', name: 'Onset' },
  { sort: 'updated', name: 'Known' },
  { sort: null, name: 'Trend' },
  { sort: 'state', name: 'State' },
] as const;
const narrow = '(max-width: 760px)';
const rowWide = 44;
const rowNarrow = 104;

const take = (answer: unknown) => {
  const { at, total, cases } = answer as Cases;
  return { at, total, rows: cases };
};

export function CasesPage() {
  const { search } = usePlace();
  const asked = Object.fromEntries(filters.map((name) => [name, search.get(name)]));
  const key = query(asked);
  const list = usePages<Case>(key, useCallback((offset: number, limit: number) => `cases${query({ ...asked, offset, limit })}`, [key]), take, search.get('as-of') === null);
  const isNarrow = useNarrow();
  const sort = search.get('sort') ?? 'updated';
  const order = search.get('order') ?? 'desc';
  return (
    <Page title="Cases" wide beside={list.at !== '' && <AsOf today={list} />}>
      <Filters search={search} />
      <Chips search={search} total={list.total} />
      {list.trouble && list.trouble.kind !== 'away' && <TroubleNote trouble={list.trouble} again={list.refresh} />}
      {list.total === null && !list.trouble && <Loading what="cases" rows={10} />}
      {list.total === null && list.trouble?.kind === 'away' && <TroubleNote trouble={list.trouble} again={list.refresh} />}
      {list.total === 0 && <Empty title="No case matches">Loosen a filter, or <a href="/cases">show all</a>.</Empty>}
      {list.total !== null && list.total > 0 && (
        <VirtualList
          label="Cases" name={`cases${key}`} total={list.total} rowHeight={isNarrow ? rowNarrow : rowWide} onWant={list.want}
          head={columns.map((column) => <Head key={column.name} column={column} sort={sort} order={order} />)}
        >
          {(index) => <Row of={list.row(index)} index={index} />}
        </VirtualList>
      )}
    </Page>
  );
}

function useNarrow(): boolean {
  const [is, setIs] = useState(() => window.matchMedia(narrow).matches);
  useEffect(() => {
    const media = window.matchMedia(narrow);
    const change = () => setIs(media.matches);
    media.addEventListener('change', change);
    return () => media.removeEventListener('change', change);
  }, []);
  return is;
}

function Head({ column, sort, order }: { column: (typeof columns)[number]; sort: string; order: string }) {
  const name = column.name.toLowerCase();
  if (column.sort === null) return <div class={`cell cell-${name}`} role="columnheader">{column.name}</div>;
  const is = sort === column.sort;
  return (
    <div class={`cell cell-${name}`} role="columnheader" aria-sort={is ? (order === 'asc' ? 'ascending' : 'descending') : 'none'}>
      <button type="button" class="sort" onClick={() => setSearch({ sort: column.sort, order: is && order === 'desc' ? 'asc' : null })}>
        {column.name}<span aria-hidden="true">{is ? (order === 'asc' ? ' ↑' : ' ↓') : ''}</span>
      </button>
    </div>
  );
}

function Row({ of, index }: { of: Case | undefined; index: number }): ComponentChildren {
  if (!of) return <div class="cell cell-wait" role="cell"><div class={`bone bone-${index % 3}`} /><span class="hidden">Loading</span></div>;
  const { title, detail } = headline(of);
  return (
    <>
      <div class="cell cell-level" role="cell"><LevelSign level={of.level} /></div>
      <div class="cell cell-what" role="cell">
        <a href={address.case(of.case)} data-open title={`${of.detector}: ${title}`}><span class="what-title">{title}</span> <span class="what-detail">{detail}</span></a>
        <Unverified is={of.unverified} />
        <span class="detector">{of.detector}</span>
      </div>
      <div class="cell cell-patient" role="cell"><a class="mono cut" href={address.patient(of.patient)} title={of.patient}>{of.patient}</a></div>
      <div class="cell cell-site" role="cell"><span class="cut" title={of.site ?? undefined}>{of.site ?? '–'}</span></div>
      <div class="cell cell-onset" role="cell"><Time at={of.onset} dayOnly /></div>
      <div class="cell cell-known" role="cell"><Time at={of.updated} dayOnly /></div>
      <div class="cell cell-trend" role="cell"><Sparkline of={of} /></div>
      <div class="cell cell-state" role="cell"><StateSign state={of.state} /></div>
    </>
  );
}

function Filters({ search }: { search: URLSearchParams }) {
  const catalogue = useResource<Catalogue>('catalogue').value;
  const typed = useRef<number | undefined>(undefined);
  const [open, setOpen] = useState(false);
  const value = (name: string) => search.get(name) ?? '';
  const detectors = catalogue?.detectors.map((one) => ({ value: one.id, name: `${one.id}  ${wordsOf(one.id, '').title}` })) ?? [];
  const domains = [...new Set(catalogue?.detectors.map((one) => one.domain) ?? [])].map((one) => ({ value: one, name: domainNames[one] ?? one }));
  const same = (words: readonly string[]) => words.map((word) => ({ value: word, name: word }));
  return (
    <form class={open ? 'filters filters-open' : 'filters'} role="search" aria-label="Cases" onSubmit={(event) => event.preventDefault()} data-tour="filters">
      <label class="field field-search">
        <span>Search</span>
        <input
          type="search" name="search" placeholder="case, patient, detector, site" maxLength={200} value={value('search')} data-search autocomplete="off"
          onInput={(event) => {
            const text = event.currentTarget.value;
            window.clearTimeout(typed.current);
            typed.current = window.setTimeout(() => setSearch({ search: text }), 250);
          }}
        />
      </label>
      <button type="button" class="filters-more" aria-expanded={open} onClick={() => setOpen(!open)}>Filters</button>
      <Choice label="Level" name="level" value={value('level')} of={same(levels)} />
      <Choice label="State" name="state" value={value('state')} of={same(caseStates)} />
      <Choice label="Domain" name="domain" value={value('domain')} of={domains} />
      <Choice label="Detector" name="detector" value={value('detector')} of={detectors} />
      <Choice label="Site" name="site" value={value('site')} of={same(catalogue?.sites ?? [])} />
      <Choice label="Compound" name="compound" value={value('compound')} of={same(catalogue?.compounds ?? [])} />
      <Choice label="Verified" name="verified" value={value('verified')} of={[{ value: 'true', name: 'verified only' }, { value: 'false', name: 'unverified only' }]} />
      <label class="field">
        <span>Onset since</span>
        <input type="date" value={value('since').slice(0, 10)} onChange={(event) => setSearch({ since: event.currentTarget.value })} />
      </label>
    </form>
  );
}

function Choice({ label, name, value, of }: { label: string; name: string; value: string; of: { value: string; name: string }[] }) {
  const known = value === '' || of.some((one) => one.value === value);
  return (
    <label class="field">
      <span>{label}</span>
      <select name={name} value={value} onChange={(event) => setSearch({ [name]: event.currentTarget.value })}>
        <option value="">any</option>
        {!known && <option value={value}>{value}</option>}
        {of.map((one) => <option key={one.value} value={one.value}>{one.name}</option>)}
      </select>
    </label>
  );
}

const chipNames: Record<string, string> = { 'updated-since': 'changed since', since: 'onset since', 'as-of': 'as known on', at: 'at' };
function Chips({ search, total }: { search: URLSearchParams; total: number | null }) {
  const set = filters.filter((name) => name !== 'sort' && name !== 'order' && search.get(name));
  const say = (name: string, value: string) => (/^\d{4}-\d\d-\d\d/.test(value) && name !== 'search' ? day(value) : name === 'verified' ? (value === 'true' ? 'only' : 'no') : value);
  return (
    <div class="chips">
      <span class="total" role="status">{total === null ? '' : count(total, 'case')}</span>
      {set.map((name) => (
        <button type="button" key={name} class="chip chip-filter" onClick={() => setSearch({ [name]: null })}>
          <span class="hidden">Remove the filter </span>{chipNames[name] ?? name}: <span class="cut">{say(name, search.get(name) as string)}</span> <span aria-hidden="true">×</span>
        </button>
      ))}
      {set.length > 1 && <a href="/cases">clear all</a>}
    </div>
  );
}
