// Programme: enrolment, exposure and findings over time, by compound, route and site. Small cells are shown as what they are.

import { useMemo, useState } from 'preact/hooks';
import { levels, type Programme } from '../api';
import { Page, Section } from '../parts/page';
import { LevelSign } from '../parts/signs';
import { Empty, Shown } from '../parts/states';
import { Forest, type Rate } from '../plots/forest';
import { Plot, type Ink, type PlotSpec } from '../plots/plot';
import { useResource } from '../resource';
import { setSearch, usePlace } from '../router';
import { day, month, number, seconds, short } from '../words/format';
import { wordsOf } from '../words/detectors';
import { AsOf } from './today';

export function ProgrammePage() {
  const resource = useResource<Programme>('programme');
  return (
    <Page title="Programme" beside={resource.value && <AsOf today={resource.value} />}>
      <Shown resource={resource} what="the programme">
        {(programme) => (
          <>
            {!programme.complete && <p class="note" role="status">The service is still reading its store: numbers may grow in the next minutes.</p>}
            <p class="quiet">Counts of cases, not of causes: no number here says that a drug has harmed, and whether it is more than expected is not tested yet.
              {programme.suppressed_below > 1 && <> Counts of 1 to {programme.suppressed_below - 1} patients are not told, so that nobody can be recognised; <Few below={programme.suppressed_below} /> stands for them.</>}</p>
            <Exposure programme={programme} />
            <Rates programme={programme} />
            <Findings programme={programme} />
            <Sessions programme={programme} />
            <Enrolment programme={programme} />
          </>
        )}
      </Shown>
    </Page>
  );
}

function Few({ below }: { below: number }) {
  return <span class="few" title={`1 to ${below - 1}: too few to be told`}>1–{below - 1}</span>;
}
function Cell({ value, below }: { value: number | null; below: number }) {
  return value === null ? <Few below={below} /> : <>{number(value)}</>;
}
/** What belongs to too few patients is left out whole, whatever its own size is. */
function Told({ value, unit = '', digits = 2 }: { value: number | null; unit?: string; digits?: number }) {
  return value === null ? <span class="quiet" title="of too few patients to be told">not told</span> : <>{number(value, digits)}{unit && ` ${unit}`}</>;
}

const measures = [
  { name: 'person_years', words: 'person-years', unit: 'person-years' },
  { name: 'sessions', words: 'sessions', unit: 'sessions' },
  { name: 'patients', words: 'patients', unit: 'patients' },
] as const;
const inks: Ink[] = ['ink', 'ink-2', 'ink-3', 'alert', 'info', 'watch', 'critical', 'good'];

function Exposure({ programme }: { programme: Programme }) {
  const [measure, setMeasure] = useState<(typeof measures)[number]>(measures[0]);
  const below = programme.suppressed_below;
  const last = programme.exposure.reduce((newest, one) => (one.lock_point > newest ? one.lock_point : newest), '');
  const now = programme.exposure.filter((one) => one.lock_point === last);
  const spec = useMemo<PlotSpec>(() => {
    const groups = new Map<string, [number, number][]>();
    for (const one of programme.exposure) {
      const value = one[measure.name];
      const name = `${one.compound} ${one.route}`;
      const points = groups.get(name) ?? [];
      groups.set(name, points);
      if (value !== null) points.push([seconds(one.lock_point), value]);
    }
    return {
      title: `Exposure: ${measure.words} at each data lock point`, x: 'time', unit: measure.unit, floor: 0, height: 260,
      series: [...groups].filter(([, points]) => points.length > 0).map(([name, points], i) => ({ name, points, ink: inks[i % inks.length] as Ink, kind: 'both', dash: i >= inks.length / 2 })),
    };
  }, [programme, measure]);
  return (
    <Section title="Exposure" note={last && `at the last data lock point, ${day(last)}`}>
      {now.length === 0 ? <Empty title="No data lock point yet">Exposure is counted at each.</Empty> : (
        <>
          <div class="scroll" tabIndex={0} role="region" aria-label="Exposure">
            <table class="plain">
              <thead><tr><th scope="col">Compound</th><th scope="col">Route</th><th scope="col" class="num">Patients</th><th scope="col" class="num">Sessions</th><th scope="col" class="num">Given</th><th scope="col" class="num">Person-years</th></tr></thead>
              <tbody>{now.map((one) => (
                <tr key={`${one.compound} ${one.route}`}>
                  <th scope="row">{one.compound}</th><td>{one.route}</td><td class="num"><Cell value={one.patients} below={below} /></td><td class="num"><Told value={one.sessions} /></td>
                  <td class="num"><Told value={one.micrograms === null ? null : one.micrograms / 1e6} unit="g" /></td><td class="num"><Told value={one.person_years} /></td>
                </tr>
              ))}</tbody>
            </table>
          </div>
          <div class="buttons choose" role="group" aria-label="What is drawn">{measures.map((one) => <button type="button" key={one.name} class="button-quiet" aria-pressed={one === measure} onClick={() => setMeasure(one)}>{one.words}</button>)}</div>
          <Plot spec={spec} />
        </>
      )}
    </Section>
  );
}

function Rates({ programme }: { programme: Programme }) {
  const drawn = programme.rates.flatMap((one): Rate[] => (one.per_100_person_years === null || one.lower === null || one.upper === null ? []
    : [{ name: `${one.compound}, ${one.level}`, level: one.level, value: one.per_100_person_years, lower: one.lower, upper: one.upper }]));
  const below = programme.suppressed_below;
  return (
    <Section title="Rates of findings" note="that hold at the last data lock point, per 100 person-years at risk until then, with exact Poisson intervals of 95 %">
      {programme.rates.length === 0 ? <Empty title="No person-time yet" /> : (
        <div class="columns">
          <Forest rates={drawn} unit="per 100 person-years" />
          <div class="scroll" tabIndex={0} role="region" aria-label="Rates">
            <table class="plain">
              <thead><tr><th scope="col">Compound</th><th scope="col">Level</th><th scope="col" class="num">Findings</th><th scope="col" class="num">Person-years</th><th scope="col" class="num">Rate (95 %)</th></tr></thead>
              <tbody>{programme.rates.map((one) => (
                <tr key={`${one.compound} ${one.level}`}>
                  <th scope="row">{one.compound}</th><td><LevelSign level={one.level} /></td><td class="num"><Cell value={one.cases} below={below} /></td><td class="num">{number(one.person_years, 2)}</td>
                  <td class="num">{one.per_100_person_years === null ? <span class="quiet">not told</span> : `${short(one.per_100_person_years)} (${short(one.lower ?? 0)} to ${short(one.upper ?? 0)})`}</td>
                </tr>
              ))}</tbody>
            </table>
          </div>
        </div>
      )}
    </Section>
  );
}

interface Grid { rows: string[]; months: string[]; cells: Map<string, { known: number; hidden: number }> }
function gridOf<T extends { month: string }>(of: T[], row: (one: T) => string, value: (one: T) => number | null): Grid {
  const cells: Grid['cells'] = new Map();
  const rows = new Set<string>();
  const months = new Set<string>();
  for (const one of of) {
    rows.add(row(one));
    months.add(one.month);
    const key = `${row(one)}\n${one.month}`;
    const cell = cells.get(key) ?? { known: 0, hidden: 0 };
    cells.set(key, cell);
    const n = value(one);
    if (n === null) cell.hidden += 1;
    else cell.known += n;
  }
  return { rows: [...rows], months: everyMonth([...months].sort()), cells };
}
const monthsMax = 36;
function everyMonth(months: string[]): string[] {
  const all: string[] = [];
  const last = months[months.length - 1] ?? '';
  for (let at = months[0] ?? ''; at !== '' && at <= last && all.length < 1200;) {
    all.push(at);
    const [year = 0, m = 0] = at.split('-').map(Number);
    at = m === 12 ? `${year + 1}-01` : `${year}-${String(m + 1).padStart(2, '0')}`;
  }
  return all.slice(-monthsMax);
}

/** Months across, groups down. A sum with suppressed cells in it is told as the range it lies in; `below` 0: at least so many,
 *  since of sessions it is not known how many few patients had. */
function MonthGrid({ grid, below, what, name }: { grid: Grid; below: number; what: string; name: (row: string) => string }) {
  const most = Math.max(1, ...[...grid.cells.values()].map((cell) => cell.known));
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={what}>
      <table class="grid">
        <thead><tr><th scope="col"><span class="hidden">Group</span></th>{grid.months.map((one, i) => <th key={one} scope="col"><span>{month(one).split(' ')[0]}</span>{(i === 0 || one.endsWith('-01')) && <span class="grid-year">{one.slice(0, 4)}</span>}</th>)}</tr></thead>
        <tbody>
          {grid.rows.map((row) => (
            <tr key={row}>
              <th scope="row"><span class="cut" title={name(row)}>{name(row)}</span></th>
              {grid.months.map((one) => {
                const cell = grid.cells.get(`${row}\n${one}`);
                if (!cell || cell.known + cell.hidden === 0) return <td key={one} class="grid-none">·</td>;
                const shade = Math.min(4, Math.ceil((cell.known / most) * 4));
                if (cell.hidden === 0) return <td key={one} class={`shade-${shade}`}>{number(cell.known)}</td>;
                if (below === 0) return <td key={one} class={`grid-few shade-${shade}`} title="those of too few patients are not told">{cell.known === 0 ? 'few' : `${number(cell.known)}+`}</td>;
                const [from, to] = [cell.known + cell.hidden, cell.known + cell.hidden * (below - 1)];
                return <td key={one} class={`grid-few shade-${shade}`} title={`between ${from} and ${to}: small counts are not told`}>{from === to ? from : `${from}–${to}`}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const groupings = ['level', 'compound', 'site', 'detector'] as const;
function Findings({ programme }: { programme: Programme }) {
  const asked = usePlace().search.get('by');
  const by = groupings.find((one) => one === asked) ?? 'level';
  const grid = useMemo(() => {
    const made = gridOf(programme.findings.filter((one) => one.by === by), (one) => one.group || 'not known', (one) => one.cases);
    if (by === 'level') made.rows = levels.filter((level) => made.rows.includes(level));
    else made.rows.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    return made;
  }, [programme, by]);
  const name = (row: string) => (by === 'detector' ? `${row} ${wordsOf(row, '').title}` : row);
  return (
    <Section title="Cases by month of onset" note="every case whose finding holds">
      <div class="buttons choose" role="group" aria-label="Grouped by"><span class="quiet">by</span>{groupings.map((one) => <button type="button" key={one} class="button-quiet" aria-pressed={one === by} onClick={() => setSearch({ by: one === 'level' ? null : one })}>{one}</button>)}</div>
      {grid.rows.length === 0 ? <Empty title="No cases yet" /> : <MonthGrid grid={grid} below={programme.suppressed_below} what="Cases by month" name={name} />}
    </Section>
  );
}

const places = ['compound', 'route', 'site'] as const;
function Sessions({ programme }: { programme: Programme }) {
  const asked = usePlace().search.get('sessions');
  const by = places.find((one) => one === asked) ?? 'compound';
  const grid = useMemo(() => {
    const made = gridOf(programme.sessions.filter((one) => one.by === by), (one) => one.group || 'not known', (one) => one.sessions);
    made.rows.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    return made;
  }, [programme, by]);
  return (
    <Section title="Sessions by month">
      <div class="buttons choose" role="group" aria-label="Grouped by"><span class="quiet">by</span>{places.map((one) => <button type="button" key={one} class="button-quiet" aria-pressed={one === by} onClick={() => setSearch({ sessions: one === 'compound' ? null : one })}>{one}</button>)}</div>
      {grid.rows.length === 0 ? <Empty title="No sessions yet" /> : <MonthGrid grid={grid} below={0} what="Sessions by month" name={(row) => row} />}
    </Section>
  );
}

function Enrolment({ programme }: { programme: Programme }) {
  const grid = useMemo(() => {
    const made = gridOf(programme.enrolment, (one) => one.site, (one) => one.patients);
    made.rows.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    return made;
  }, [programme]);
  return (
    <Section title="Enrolment by month" note="patients, by site">
      {grid.rows.length === 0 ? <Empty title="Nobody is enrolled yet" /> : <MonthGrid grid={grid} below={programme.suppressed_below} what="Enrolment by month" name={(row) => row} />}
    </Section>
  );
}
