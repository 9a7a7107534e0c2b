// One patient: everything that was said of them, in lanes and word for word, as known now or on any day before.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Fact, Finding, PatientRecord, Received } from '../api';
import { query } from '../client';
import { Page, Section } from '../parts/page';
import { LevelSign, StateSign, Time, Unverified } from '../parts/signs';
import { Empty, Loading, TroubleNote } from '../parts/states';
import { VirtualList } from '../parts/virtual_list';
import { Timeline } from '../plots/timeline';
import { useResource } from '../resource';
import { address, setSearch, usePlace } from '../router';
import { headline } from '../words/detectors';
import { count, day, number } from '../words/format';
import { factTime, factWords } from '../words/sentences';
import { AsOf } from './today';

export function PatientPage({ id }: { id: string }) {
  const asOf = usePlace().search.get('as-of');
  const path = `patients/${encodeURIComponent(id)}`;
  const record = useResource<PatientRecord>(`${path}${query({ 'as-of': asOf })}`, asOf === null);
  const received = useResource<Received>(`${path}/received`, true);
  // While another day is read, the one before stays, dimmed.
  const last = useRef<PatientRecord | null>(null);
  if (record.value) last.current = record.value;
  if (record.trouble && record.trouble.kind !== 'away') last.current = null;
  const shown = record.value ?? last.current;
  return (
    <Page
      title={id} name={`Patient ${id}`} above={<p class="crumb"><a href="/cases">Cases</a> <span aria-hidden="true">/</span> patient</p>}
      beside={shown && <AsOf today={shown} />}
    >
      {received.value && received.value.days.length > 0 && <AsKnown received={received.value} asOf={asOf} />}
      {record.trouble && !record.value && (
        record.trouble.kind === 'refused' && record.trouble.status === 404 && asOf !== null
          ? <Empty title="Nothing was known of this patient then">Move to a later day, or <button type="button" class="button-quiet" onClick={() => setSearch({ 'as-of': null })}>to now</button>.</Empty>
          : <TroubleNote trouble={record.trouble} again={record.again} />
      )}
      {!shown && !record.trouble && <Loading what="the patient" />}
      {shown && (
        <div class={record.value ? 'known' : 'known known-old'} aria-busy={!record.value}>
          <Summary record={shown} />
          <Findings record={shown} asOf={asOf} />
          <Section title="Timeline" id="timeline"><Timeline facts={shown.facts} findings={shown.findings} at={shown.at} /></Section>
          <Facts facts={shown.facts} />
        </div>
      )}
    </Page>
  );
}

const sliderPauseMs = 180;
function AsKnown({ received, asOf }: { received: Received; asOf: string | null }) {
  const days = received.days;
  const newest = days.length;  // one past the last day: now
  const given = asOf === null ? newest : indexAt(days, asOf);
  const [at, setAt] = useState(given);
  const timer = useRef<number | undefined>(undefined);
  useEffect(() => setAt(given), [given]);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const move = (to: number) => {
    const index = Math.max(0, Math.min(newest, to));
    setAt(index);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setSearch({ 'as-of': index === newest ? null : (days[index]?.last ?? null) }), sliderPauseMs);
  };
  const week = () => {
    const from = at === newest ? Date.parse(days[newest - 1]?.last ?? '') : Date.parse(days[at]?.last ?? '');
    move(indexAt(days, new Date(from - 7 * 86_400_000).toISOString()));
  };
  const text = at === newest ? 'now' : day(at === given && asOf !== null ? asOf : (days[at]?.day ?? ''));
  return (
    <div class={at === newest ? 'as-known' : 'as-known as-known-then'} data-tour="slider">
      <label class="as-known-label" for="as-known">As known <strong>{at === newest ? 'now' : `on ${text}`}</strong>{at !== newest && <span class="quiet"> by what had been received then (UTC)</span>}</label>
      <input
        id="as-known" type="range" min={0} max={newest} value={at} aria-valuetext={text}
        onInput={(event) => move(Number(event.currentTarget.value))}
      />
      <div class="buttons">
        <button type="button" data-key="w" onClick={week} disabled={at === 0} title="A week earlier (key w)">− 7 days</button>
        <button type="button" data-key="[" onClick={() => move(at - 1)} disabled={at === 0} title="The day before on which something was received (key [)">‹ day</button>
        <button type="button" data-key="]" onClick={() => move(at + 1)} disabled={at === newest} title="The next day on which something was received (key ])">day ›</button>
        <button type="button" data-key="n" onClick={() => move(newest)} disabled={at === newest} title="All that is known (key n)">now</button>
      </div>
      <p class="quiet small as-known-ends"><span>{day(days[0]?.day ?? '')}</span><span>{count(days.length, 'day')} with something received</span><span>now</span></p>
    </div>
  );
}
/** The last day on which something had been received by then. */
function indexAt(days: Received['days'], time: string): number {
  const ms = Date.parse(time.length <= 10 ? `${time}T23:59:59Z` : time);
  let index = 0;
  for (let i = 0; i < days.length; i++) if (Date.parse(days[i]?.last ?? '') <= ms) index = i;
  return index;
}

function Summary({ record }: { record: PatientRecord }) {
  const active = record.facts.filter((fact) => fact.state === 'active');
  const sessions = active.filter((fact) => fact.kind === 'session');
  const enrolment = active.find((fact) => fact.kind === 'enrolment');
  const exit = [...active].reverse().find((fact) => fact.kind === 'exit');
  const milligrams = sessions.reduce((sum, fact) => sum + (fact.dose_mg ?? 0), 0);
  const kinds = [...new Set(sessions.map((fact) => `${fact.compound} ${fact.route}`))].join(', ');
  return (
    <dl class="facts-line facts-line-box">
      {enrolment && <div><dt>Enrolled</dt><dd>{day(enrolment.effective ?? '')}, {enrolment.site}</dd></div>}
      {enrolment && <div><dt>Sex, birth year</dt><dd>{[enrolment['sex'], enrolment['birth_year']].filter(Boolean).join(', ') || 'not said'}</dd></div>}
      <div><dt>Sessions</dt><dd>{number(sessions.length)}{kinds && ` of ${kinds}`}</dd></div>
      <div><dt>All doses</dt><dd>{number(milligrams)} mg</dd></div>
      {sessions.length > 0 && <div><dt>First and last session</dt><dd>{day(sessions[0]?.effective ?? '')} to {day(sessions[sessions.length - 1]?.effective ?? '')}</dd></div>}
      {exit && <div><dt>Left</dt><dd>{day(exit.effective ?? '')}, {exit.reason}</dd></div>}
      <div><dt>Facts</dt><dd>{number(record.facts.length)}, {number(active.length)} active</dd></div>
    </dl>
  );
}

const findingsAtFirst = 8;
function Findings({ record, asOf }: { record: PatientRecord; asOf: string | null }) {
  const [all, setAll] = useState(false);
  const rank = { critical: 0, alert: 1, watch: 2, info: 3 };
  const sorted = useMemo(() => [...record.findings].sort((a, b) => rank[a.level] - rank[b.level] || (a.onset < b.onset ? 1 : -1)), [record]);
  const shown = all ? sorted : sorted.slice(0, findingsAtFirst);
  return (
    <Section title={asOf === null ? 'Findings' : 'Findings that held then'} note={count(sorted.length, 'finding')}>
      {sorted.length === 0 ? <p class="calm"><span aria-hidden="true">✓ </span>Nothing was found.</p> : (
        <ul class="findings">{shown.map((one) => <FindingLine key={one.id} of={one} />)}</ul>
      )}
      {sorted.length > shown.length && <button type="button" class="button-quiet" onClick={() => setAll(true)}>All {sorted.length} findings</button>}
    </Section>
  );
}
function FindingLine({ of }: { of: Finding }) {
  const { title, detail } = headline(of);
  return (
    <li class="finding" data-item>
      <LevelSign level={of.level} />
      <span><a href={address.case(of.id)} data-open>{title}</a> <span class="quiet">{detail}</span> <Unverified is={of.unverified} /></span>
      <Time at={of.onset} dayOnly />
      <StateSign state={of.state} />
      <span class="quiet">{of.detector}</span>
    </li>
  );
}

const kinds = ['blood_pressure', 'session', 'score', 'symptom', 'lab', 'vital', 'medication', 'plan', 'adverse_event', 'culture', 'condition', 'dispense', 'covariate', 'enrolment', 'exit'];
const stateMarks: Record<string, string> = { active: '●', superseded: '↻', retracted: '⌫', replaced: '⇥', conflict: '≠', twin: '⧉', quarantined: '?' };
const factColumns = ['When (UTC)', 'What', 'Source, id, version', 'State', 'Recorded (UTC)'];
function Facts({ facts }: { facts: Fact[] }) {
  const [kind, setKind] = useState('');
  const [state, setState] = useState('');
  const [text, setText] = useState('');
  const shown = useMemo(() => {
    const wanted = text.toLowerCase();
    return facts.filter((fact) => (kind === '' || fact.kind === kind) && (state === '' || fact.state === state) &&
      (wanted === '' || `${fact.source} ${fact.id} ${fact.kind} ${factWords(fact)} ${fact.text ?? ''}`.toLowerCase().includes(wanted)));
  }, [facts, kind, state, text]);
  const states = [...new Set(facts.map((fact) => fact.state))];
  return (
    <Section title="Facts" note={`${number(shown.length)} of ${number(facts.length)}, every version with its state`}>
      <div class="filters filters-facts">
        <label class="field field-search"><span>Search</span><input type="search" value={text} data-search onInput={(event) => setText(event.currentTarget.value)} placeholder="source, id, words" /></label>
        <label class="field"><span>Kind</span><select value={kind} onChange={(event) => setKind(event.currentTarget.value)}><option value="">any</option>{kinds.filter((one) => facts.some((fact) => fact.kind === one)).map((one) => <option key={one} value={one}>{one.replace(/_/g, ' ')}</option>)}</select></label>
        <label class="field"><span>State</span><select value={state} onChange={(event) => setState(event.currentTarget.value)}><option value="">any</option>{states.map((one) => <option key={one} value={one}>{one}</option>)}</select></label>
      </div>
      {shown.length === 0 ? <Empty title="No fact matches" /> : (
        <div class="facts-table">
          <VirtualList label="Facts" name={`facts ${kind} ${state} ${text}`} total={shown.length} rowHeight={52} head={factColumns.map((name) => <div key={name} class="cell" role="columnheader">{name}</div>)}>
            {(index) => <FactRow fact={shown[index] as Fact} />}
          </VirtualList>
        </div>
      )}
    </Section>
  );
}
function FactRow({ fact }: { fact: Fact }) {
  const words = factWords(fact);
  return (
    <>
      <div class="cell" role="cell">{factTime(fact) || <span class="quiet">–</span>}</div>
      <div class="cell" role="cell" title={fact.text ? `${words} — ${fact.text}` : words}><span class="kind">{(fact.kind ?? 'withdrawal').replace(/_/g, ' ')}</span> {words}{fact.text && <span class="quiet"> “{fact.text}”</span>}</div>
      <div class="cell mono" role="cell" title={`${fact.source} ${fact.id} version ${fact.version}`}>{fact.source} {fact.id} <span class="quiet">v{fact.version}</span></div>
      <div class={`cell fact-${fact.state}`} role="cell"><span aria-hidden="true">{stateMarks[fact.state] ?? '·'} </span>{fact.state}{fact.status !== 'final' && <span class="quiet">, {fact.status}</span>}</div>
      <div class="cell" role="cell">{fact.recorded ? <Time at={fact.recorded} /> : <span class="quiet">not said</span>}</div>
    </>
  );
}
