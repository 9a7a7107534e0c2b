// One case: why, shown; how it was computed; what it rests on; how it came to be.

import { useMemo, useState } from 'preact/hooks';
import type { CaseDetail, Charts, Fact, Parameter, PatientRecord, Revision } from '../api';
import { CopyButton } from '../parts/copy_button';
import { Page, Section } from '../parts/page';
import { LevelSign, StateSign, Time, Unverified } from '../parts/signs';
import { Empty, Loading, Shown, TroubleNote } from '../parts/states';
import { needsCharts, plotsOf } from '../plots/of_case';
import { Plot } from '../plots/plot';
import { useResource } from '../resource';
import { address, usePlace } from '../router';
import { annotation, headline, levelWords, reasonWords, stateWords, wordsOf } from '../words/detectors';
import { ago, count, nameOf, plain, short, unit, unitOf } from '../words/format';
import { factTime, factWords, sentenceOf } from '../words/sentences';
import { AsOf } from './today';

export function CasePage({ name }: { name: string }) {
  const at = usePlace().search.get('at');
  const resource = useResource<CaseDetail>(`cases/${encodeURIComponent(name)}${at ? `?at=${encodeURIComponent(at)}` : ''}`, true);
  const detail = resource.value;
  return (
    <Page title={detail ? headline(detail.finding).title : `Case ${name}`} name={detail ? `${headline(detail.finding).title}, ${detail.case.patient}` : name}
      above={<p class="crumb"><a href="/cases">Cases</a> <span aria-hidden="true">/</span> <span class="mono breakable">{name}</span></p>}
      beside={detail && <AsOf today={detail} />}>
      <Shown resource={resource} what="the case">{(value) => <Detail detail={value} />}</Shown>
    </Page>
  );
}

function Detail({ detail }: { detail: CaseDetail }) {
  const { case: it, finding } = detail;
  return (
    <>
      <div class={`reason reason-${it.level}`} data-tour="reason">
        <div class="reason-signs">
          <LevelSign level={it.level} /> <span class="quiet">{levelWords[it.level]}</span> <StateSign state={it.state} /> <Unverified is={it.unverified} />
          {it.worst !== it.level && <span class="quiet">was {it.worst}</span>}
        </div>
        <p class="reason-sentence">{sentenceOf(finding, detail.facts)}</p>
        {!detail.holds && <p class="note note-warn">This does not hold any more: {stateWords[it.state]} What stands here is its last revision.</p>}
        {it.unverified && <p class="note note-warn">It rests on a value that is preliminary, in conflict, or in quarantine. No reason to wait: find out whether the value is true.</p>}
        {finding.annotations.length > 0 && <ul class="annotations">{finding.annotations.map((one) => <li key={one}>{annotation(one)}</li>)}</ul>}
        <dl class="facts-line">
          <div><dt>Patient</dt><dd><a class="mono breakable" href={address.patient(it.patient)} data-key="p">{it.patient}</a></dd></div>
          <div><dt>Onset</dt><dd><Time at={it.onset} /></dd></div>
          {it.ended !== it.onset && <div><dt>Last evidence</dt><dd><Time at={it.ended} /></dd></div>}
          <div><dt>First known</dt><dd><Time at={it.raised} /> <span class="quiet">({ago(it.raised, detail.at)})</span></dd></div>
          {it.site !== null && <div><dt>Site</dt><dd>{it.site}</dd></div>}
          {it.compound !== null && <div><dt>Compound</dt><dd>{it.compound}</dd></div>}
          <div><dt>Detector</dt><dd><a href={`/cases?detector=${encodeURIComponent(it.detector)}`}>{it.detector}</a></dd></div>
        </dl>
      </div>
      <Plots detail={detail} />
      <div class="columns">
        <CalculationSection detail={detail} />
        <History detail={detail} />
      </div>
      <Evidence detail={detail} />
      <Section title="The same on the command line">
        <div class="command"><code>{detail.command}</code><CopyButton text={detail.command} what="the command line" /></div>
      </Section>
    </>
  );
}

function Plots({ detail }: { detail: CaseDetail }) {
  const patient = encodeURIComponent(detail.case.patient);
  const record = useResource<PatientRecord>(`patients/${patient}`);
  const charts = useResource<Charts>(needsCharts(detail.case.detector) ? `patients/${patient}/charts` : null);
  const facts = record.value?.facts;
  const specs = useMemo(
    () => (facts ? plotsOf({ finding: detail.finding, facts: withEvidence(facts, detail.facts), charts: charts.value }) : []),
    [facts, charts.value, detail],
  );
  if (!facts) return <Section title="What shows it">{record.trouble ? <TroubleNote trouble={record.trouble} again={record.again} /> : <Loading what="the plot" rows={4} />}</Section>;
  return (
    <Section title="What shows it">
      {specs.length === 0 ? <p class="quiet">This finding is a single report: the evidence below is all there is. <a href={address.patient(detail.case.patient)}>The patient's timeline</a> shows what was around it.</p>
        : specs.map((spec) => <Plot key={spec.title} spec={spec} />)}
    </Section>
  );
}
/** Evidence in quarantine is not in the record, but is shown all the same. */
function withEvidence(facts: Fact[], evidence: Fact[]): Fact[] {
  const known = new Set(facts.map((fact) => `${fact.source}\n${fact.id}\n${fact.version}`));
  return [...facts, ...evidence.filter((fact) => !known.has(`${fact.source}\n${fact.id}\n${fact.version}`))];
}

const stepsMax = 16;
function CalculationSection({ detail }: { detail: CaseDetail }) {
  const { calculation, finding } = detail;
  const { value, threshold, name } = finding.statistic;
  // Where the rule counts sessions the unit of what is measured would be wrong.
  const said = threshold !== null && threshold < 10 && finding.detector.startsWith('BP-') ? '' : wordsOf(finding.detector, name).unit;
  const [all, setAll] = useState(false);
  const many = calculation.steps.length > stepsMax;
  return (
    <Section title="Calculation">
      <p class="asks">{calculation.asks}</p>
      {calculation.formula !== '' && <p class="formula">{calculation.formula}</p>}
      <table class="plain">
        <caption class="hidden">The steps with their numbers</caption>
        <tbody>
          {(many && !all ? calculation.steps.slice(0, 14) : calculation.steps).map((step) => (
            <tr key={step.name}><th scope="row">{nameOf(step.name)}</th><td class="num" title={String(step.value)}>{plain(step.value)} {typeof step.value === 'number' ? unitOf(step.name) : ''}</td></tr>
          ))}
          <tr class="total"><th scope="row">{nameOf(name.replace(/-/g, ' '))}</th><td class="num" title={String(value)}>{value === null ? 'not computed' : `${short(value)} ${said === 'evidence' ? '' : said}`.trim()}{threshold === null ? '' : `, limit ${short(threshold)}`}</td></tr>
        </tbody>
      </table>
      {many && !all && <button type="button" class="button-quiet" onClick={() => setAll(true)}>All {calculation.steps.length} steps</button>}
      <Parameters of={calculation.parameters} site={calculation.site} />
      {calculation.does_not_see !== '' && <p class="blind"><strong>Does not see:</strong> {calculation.does_not_see}</p>}
      {finding.identity && <p class="quiet small">Detector version {finding.identity.detector}, parameters <span class="mono">{finding.identity.parameters}</span></p>}
    </Section>
  );
}

const parametersAtFirst = 8;
function Parameters({ of, site }: { of: Parameter[]; site: string | null }) {
  const [all, setAll] = useState(false);
  if (of.length === 0) return null;
  const shown = all ? of : of.slice(0, parametersAtFirst);
  // A name that would stand twice without its unit keeps it.
  const once = (name: string) => (of.filter((other) => nameOf(other.name) === nameOf(name)).length > 1 ? name.replace(/_/g, ' ') : nameOf(name));
  return (
    <>
      <h3>Parameters it was made with</h3>
      <table class="plain">
        <thead><tr><th scope="col">Name</th><th scope="col" class="num">Value</th><th scope="col">Source</th></tr></thead>
        <tbody>
          {shown.map((one) => (
            <tr key={one.name}>
              <th scope="row">{once(one.name)}</th><td class="num">{plain(one.value)} {unit(one.unit)}</td>
              <td><StatementOf parameter={one} site={site} /></td>
            </tr>
          ))}
        </tbody>
      </table>
      {of.length > shown.length && <button type="button" class="button-quiet" onClick={() => setAll(true)}>All {of.length} parameters</button>}
    </>
  );
}

function StatementOf({ parameter, site }: { parameter: Parameter; site: string | null }) {
  const { origin, in_force: now } = parameter;
  // Who answered for it then is not known.
  if (origin === null)
    return <span class="chip" title="The patient is judged by another value today">no longer in force{now === null ? '' : `: ${plain(now)} is`}</span>;
  return (
    <>
      {parameter.source} {origin !== 'default' && <span class="chip" title={`by ${parameter.owner}, version ${parameter.version}`}>set for {origin === 'site' ? `the site ${site}` : 'the programme'}</span>} {!parameter.confirmed && <span class="chip" title="No source that was read supports this number yet">not confirmed</span>}
    </>
  );
}

const revisionsAtFirst = 12;
function History({ detail }: { detail: CaseDetail }) {
  const [all, setAll] = useState(false);
  const newest = [...detail.revisions].reverse();
  const shown = all ? newest : newest.slice(0, revisionsAtFirst);
  return (
    <Section title="History" note={count(detail.revisions.length, 'revision')}>
      <ol class="history">
        {shown.map((one) => <RevisionLine key={one.revision} of={one} before={detail.revisions[detail.revisions.indexOf(one) - 1]} />)}
      </ol>
      {newest.length > shown.length && <button type="button" class="button-quiet" onClick={() => setAll(true)}>All {newest.length} revisions</button>}
    </Section>
  );
}
function RevisionLine({ of, before }: { of: Revision; before: Revision | undefined }) {
  const known = new Set(before?.evidence.map((one) => `${one.source}\n${one.id}\n${one.version}`));
  const added = of.evidence.filter((one) => !known.has(`${one.source}\n${one.id}\n${one.version}`));
  const now = new Set(of.evidence.map((one) => `${one.source}\n${one.id}\n${one.version}`));
  const gone = before?.evidence.filter((one) => !now.has(`${one.source}\n${one.id}\n${one.version}`)) ?? [];
  // A new version of a fact is one change, not two.
  const same = new Set(gone.map((one) => `${one.source}\n${one.id}`));
  const corrected = added.filter((one) => same.has(`${one.source}\n${one.id}`));
  const came = added.filter((one) => !corrected.includes(one));
  const left = gone.filter((one) => !corrected.some((other) => other.source === one.source && other.id === one.id));
  const moved = before && before.statistic.value !== of.statistic.value && of.statistic.value !== null;
  const names = (list: { source: string; id: string; version: number }[]) => list.slice(0, 3).map((one) => `${one.source} ${one.id}`).join(', ') + (list.length > 3 ? ` and ${list.length - 3} more` : '');
  return (
    <li>
      <div class="history-head"><span class="history-number">{of.revision}</span> <Time at={of.updated} /></div>
      <div><LevelSign level={of.level} /> <StateSign state={of.state} /> <span>{reasonWords[of.reason] ?? of.reason}</span></div>
      <ul class="changes">
        {before && before.level !== of.level && <li>level from {before.level} to {of.level}</li>}
        {before && before.state !== of.state && <li>from {before.state} to {of.state}</li>}
        {moved && <li>{of.statistic.name} from {before.statistic.value === null ? 'not computed' : short(before.statistic.value)} to {short(of.statistic.value as number)}</li>}
        {came.length > 0 && <li>because of <span class="mono breakable">{names(came)}</span></li>}
        {corrected.length > 0 && <li>because of a new version of <span class="mono breakable">{names(corrected)}</span></li>}
        {left.length > 0 && <li>no longer resting on <span class="mono breakable">{names(left)}</span></li>}
      </ul>
    </li>
  );
}

const evidenceAtFirst = 20;
function Evidence({ detail }: { detail: CaseDetail }) {
  const [all, setAll] = useState(false);
  const facts = all ? detail.facts : detail.facts.slice(0, evidenceAtFirst);
  return (
    <Section title="Evidence" note={count(detail.facts.length, 'fact')}>
      {detail.facts.length === 0 ? <Empty title="The facts it rested on are not readable now" /> : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Evidence">
          <table class="plain">
            <thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Source and id</th><th scope="col">State</th></tr></thead>
            <tbody>
              {facts.map((fact) => (
                <tr key={`${fact.source}\n${fact.id}\n${fact.version}\n${fact.digest}`}>
                  <td>{factTime(fact)}</td>
                  <td><span class="kind">{(fact.kind ?? '').replace(/_/g, ' ')}</span> {factWords(fact)}{fact.text && <q class="text">{fact.text}</q>}</td>
                  <td class="mono breakable">{fact.source} {fact.id} <span class="quiet">v{fact.version}</span></td>
                  <td>{fact.state}{fact.status !== 'final' && `, ${fact.status}`}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {detail.facts.length > facts.length && <button type="button" class="button-quiet" onClick={() => setAll(true)}>All {detail.facts.length} facts</button>}
    </Section>
  );
}
