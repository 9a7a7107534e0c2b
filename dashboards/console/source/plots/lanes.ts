// What stands in which lane of a patient's timeline: marks with a time, and a height where there is a number.

import type { Fact, Finding } from '../api';
import { instrumentName, testName } from '../words/detectors';
import { milliseconds, short } from '../words/format';
import type { Ink } from './plot';

export interface Mark {
  at: number;              // milliseconds
  y: number;               // 0 at the bottom of the lane, 1 at its top
  ink: Ink;
  hollow?: boolean;
  fact: Fact;
}
export interface Lane {
  name: string;
  note: string;            // the range of what is drawn, with its unit
  height: number;
  marks: Mark[];
  line?: boolean;          // marks of one ink are joined
  stems?: boolean;         // marks stand on the bottom
  spans?: { from: number; to: number | null; ink: Ink; name: string }[];
}

const time = (fact: Fact): number => milliseconds(fact.effective ?? '');
const usable = (fact: Fact): boolean => fact.effective !== undefined && Number.isFinite(time(fact));
const faded = (fact: Fact): boolean => fact.state !== 'active';

interface Scale { low: number; high: number }
/** So that a point up and down does not look like a storm, a scale has at least this width. */
const spanMin: Record<string, number> = {
  moca: 12, mmse: 12, 'hvlt-r-total': 16, 'hvlt-r-delayed': 6, dsst: 40, 'bpic-ss': 24, icsi: 14, icpi: 12, ipss: 20, puf: 20, madrs: 36,
  'phq-9': 20, 'phq-9-item-9': 3, 'cgi-s': 6, 'c-ssrs-ideation': 5, 'craving-vas': 10, 'moaa-s': 5, 'heart-rate': 60, spo2: 10, weight: 20,
  temperature: 3, 'respiratory-rate': 15,
};
function scaleOf(values: number[], span: number): Scale {
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const missing = Math.max(0, span - (high - low));
  return { low: low - missing / 2, high: high + missing / 2 };
}
const within = ({ low, high }: Scale, value: number) => 0.08 + 0.84 * ((value - low) / (high - low));
// A spread of thousands of arguments would overflow the stack.
function numbersOf(facts: Fact[], of: (fact: Fact) => unknown): number[] {
  return facts.flatMap((fact) => {
    const value = of(fact);
    return typeof value === 'number' && Number.isFinite(value) ? [value] : [];
  });
}

function measured(name: string, facts: Fact[], of: (fact: Fact) => unknown, unit: string, height: number, extra: Partial<Lane> = {}, span = 0): Lane | null {
  const values = numbersOf(facts, of);
  if (values.length === 0) return null;
  const middle = Math.abs(values.reduce((a, b) => a + b, 0) / values.length);
  const scale = scaleOf(values, span || middle * 0.4 || 1);
  const marks = facts.flatMap((fact): Mark[] => {
    const value = of(fact);
    return typeof value === 'number' ? [{ at: time(fact), y: within(scale, value), ink: faded(fact) ? 'quiet' : 'ink', hollow: faded(fact), fact }] : [];
  });
  const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  return { name, note: low === high ? `${short(low)} ${unit}` : `${short(low)} to ${short(high)} ${unit}`, height, marks, ...extra };
}

function grouped(facts: Fact[], key: (fact: Fact) => string | undefined): [string, Fact[]][] {
  const groups = new Map<string, Fact[]>();
  for (const fact of facts) {
    const name = key(fact);
    if (name === undefined) continue;
    const group = groups.get(name);
    if (group) group.push(fact);
    else groups.set(name, [fact]);
  }
  return [...groups];
}

function pressures(facts: Fact[]): Lane | null {
  const values = [...numbersOf(facts, (fact) => fact.systolic), ...numbersOf(facts, (fact) => fact.diastolic)];
  if (values.length === 0) return null;
  const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  const scale = { low: Math.min(40, low), high: Math.max(190, high) };
  const marks = facts.flatMap((fact): Mark[] => [
    ...(fact.systolic === undefined ? [] : [{ at: time(fact), y: within(scale, fact.systolic), ink: (faded(fact) ? 'quiet' : 'ink') as Ink, hollow: faded(fact), fact }]),
    ...(fact.diastolic === undefined ? [] : [{ at: time(fact), y: within(scale, fact.diastolic), ink: (faded(fact) ? 'quiet' : 'ink-2') as Ink, hollow: faded(fact), fact }]),
  ]);
  return { name: 'systolic over diastolic', note: `${low} to ${high} mmHg`, height: 96, marks };
}

/** One row for each word, with a mark where it was said; hollow: asked and absent. */
function rows(name: string, facts: Fact[], key: (fact: Fact) => string, rowHeight = 15): Lane[] {
  return grouped(facts, key).map(([word, group]): Lane => ({
    name: word, note: name, height: rowHeight,
    marks: group.map((fact): Mark => ({
      at: time(fact), y: 0.5,
      ink: faded(fact) ? 'quiet' : fact.kind === 'adverse_event' && fact.seriousness?.length ? 'critical' : (fact.severity ?? 1) >= 3 ? 'critical' : (fact.severity ?? 1) >= 1 ? 'alert' : 'quiet',
      hollow: faded(fact) || fact.severity === 0, fact,
    })),
  }));
}

function medication(facts: Fact[]): Lane[] {
  return grouped(facts, (fact) => fact.name ?? fact.class).map(([name, group]): Lane => {
    const spans: NonNullable<Lane['spans']> = [];
    let from: number | null = null;
    for (const fact of group.filter((one) => !faded(one)).sort((a, b) => time(a) - time(b))) {
      if (fact.action === 'start') from ??= time(fact);
      if (fact.action === 'stop' && from !== null) {
        spans.push({ from, to: time(fact), ink: 'info', name });
        from = null;
      }
    }
    if (from !== null) spans.push({ from, to: null, ink: 'info', name });
    return { name, note: (group[0]?.class ?? '').replace(/-/g, ' '), height: 18, spans, marks: group.map((fact): Mark => ({ at: time(fact), y: 0.5, ink: faded(fact) ? 'quiet' : 'info', hollow: faded(fact) || fact.action === 'stop', fact })) };
  });
}

export interface LaneGroup { title: string; lanes: Lane[] }

/** All lanes that have something in them. */
export function lanesOf(facts: Fact[]): LaneGroup[] {
  const shown = facts.filter(usable).sort((a, b) => time(a) - time(b));
  const of = (...kinds: string[]) => shown.filter((fact) => kinds.includes(fact.kind ?? ''));
  const some = (lane: Lane | null): Lane[] => (lane ? [lane] : []);
  const events = of('adverse_event', 'culture', 'condition', 'exit', 'enrolment');
  const groups: LaneGroup[] = [
    { title: 'Sessions and doses', lanes: grouped(of('session'), (fact) => `${fact.compound} ${fact.route}`).flatMap(([name, group]) => some(measured(name, group, (fact) => fact.dose_mg, 'mg', 46, { stems: true }))) },
    { title: 'Pressures', lanes: some(pressures(of('blood_pressure'))) },
    { title: 'Scores', lanes: grouped(of('score'), (fact) => fact.instrument).flatMap(([name, group]) => some(measured(instrumentName(name), group, (fact) => fact.value, 'points', 40, { line: true }, spanMin[group[0]?.instrument ?? '']))) },
    { title: 'Symptoms', lanes: rows('', of('symptom'), (fact) => (fact.code ?? '').replace(/-/g, ' ')) },
    { title: 'Laboratory and vital signs', lanes: [
      ...grouped(of('lab'), (fact) => fact.code).flatMap(([code, group]) => some(measured(testName(code), group, (fact) => fact.value, group[0]?.unit ?? '', 34, { line: true }))),
      ...grouped(of('vital'), (fact) => fact.name).flatMap(([name, group]) => some(measured(name.replace(/-/g, ' '), group, (fact) => fact.value, group[0]?.unit === '/min' ? 'per minute' : (group[0]?.unit ?? ''), 34, { line: true }, spanMin[name]))),
    ] },
    { title: 'Medication', lanes: medication(of('medication')) },
    { title: 'Plans and refills', lanes: rows('', of('plan', 'dispense'), (fact) => (fact.kind === 'plan' ? `plan ${fact.compound ?? ''}` : `refill ${fact.compound ?? ''}`), 18).map((lane) => ({ ...lane, marks: lane.marks.map((mark) => ({ ...mark, ink: mark.hollow ? 'quiet' : ('info' as Ink) })) })) },
    { title: 'Events', lanes: rows('', events, (fact) => (fact.kind === 'adverse_event' ? `${fact.name}` : fact.kind === 'culture' ? `culture ${fact.result}` : (fact.kind ?? '')), 17) },
  ];
  return groups.filter((group) => group.lanes.length > 0);
}

export interface FindingBar { finding: Finding; row: number; from: number; to: number }
const barRowsMax = 8;
/** Findings as bars, in as few rows as they fit; what does not fit stands in the last one. */
export function barsOf(findings: Finding[], widthMs: number, end: number): FindingBar[] {
  const taken: [number, number][][] = [];
  const rank = { critical: 0, alert: 1, watch: 2, info: 3 };
  return [...findings].sort((a, b) => rank[a.level] - rank[b.level] || milliseconds(a.onset) - milliseconds(b.onset)).map((finding) => {
    const from = milliseconds(finding.onset);
    const to = finding.state === 'open' ? Math.max(end, from) : milliseconds(finding.ended);
    const reach = Math.max(to, from + widthMs);
    let row = taken.findIndex((spans) => spans.every(([start, end]) => reach < start || from > end));
    if (row < 0) row = Math.min(taken.length, barRowsMax - 1);
    (taken[row] ??= []).push([from, reach]);
    return { finding, row, from, to };
  });
}
