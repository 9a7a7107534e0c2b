// Which plots show the reason of a finding: chosen by its detector, made of the patient's facts and charts.

import type { Charts, Fact, Finding, Plain } from '../api';
import { instrumentName, testName, vitalName } from '../words/detectors';
import { seconds } from '../words/format';
import type { PlotSpec, Series } from './plot';

interface Material { finding: Finding; facts: Fact[]; charts: Charts | null }
type Point = [number, number];

const drifts = ['COG-8', 'URO-2', 'BP-7'];
/** Drift is shown value by value, which only the charts have. */
export function needsCharts(detector: string): boolean {
  return drifts.includes(detector);
}

const at = (fact: Fact): number => seconds(fact.effective ?? '');
const counts = (fact: Fact): boolean => fact.state === 'active' && fact.effective !== undefined;
const input = (finding: Finding, name: string): Plain | undefined => finding.statistic.inputs[name];
const numeric = (value: unknown): value is number => typeof value === 'number';
const parameter = (finding: Finding, name: string): number | undefined => {
  const value = finding.statistic.parameters[name];
  return numeric(value) ? value : undefined;
};
function isEvidence(finding: Finding): (fact: Fact) => boolean {
  const keys = new Set(finding.evidence.map((one) => `${one.source}\n${one.id}`));
  return (fact) => keys.has(`${fact.source}\n${fact.id}`);
}
function points(facts: Fact[], y: (fact: Fact) => unknown): Point[] {
  return facts.flatMap((fact): Point[] => {
    const value = y(fact);
    const x = at(fact);
    return numeric(value) && Number.isFinite(x) ? [[x, value]] : [];
  });
}
const ring = ([x, y]: Point) => ({ x, y });

export function plotsOf(material: Material): PlotSpec[] {
  const { detector, statistic } = material.finding;
  if (drifts.includes(detector)) return drift(material);
  switch (detector) {
    case 'BP-1': case 'BP-2': case 'BP-3': case 'BP-4': case 'BP-5': case 'BP-6': return aroundSession(material);
    case 'BP-8': return restingPressures(material);
    case 'BP-9': return vitals(material);
    case 'COG-6': return scores(material, 'moca');
    case 'URO-1': return [...scores(material, 'bpic-ss'), ...symptomsAgainstDose(material)];
    case 'URO-3': case 'URO-4': case 'URO-5': case 'URO-8': return symptomsAgainstDose(material);
    case 'URO-6': return creatinine(material);
    case 'DEP-1': return doses(material);
    case 'DEP-2': case 'DEP-4': case 'DQ-1': return intervals(material);
    case 'DEP-3': return [...sessionsInWindow(material), ...intervals(material)];
    case 'DEP-6': return [...doses(material), ...intervals(material)];
    case 'DEP-7': return scores(material, 'craving-vas');
    case 'DEP-9': return scores(material, statistic.name === 'item-9' ? 'phq-9-item-9' : 'c-ssrs-ideation');
    case 'DEP-10': return laboratory(material, ['1742-6', '1920-8', '6768-6', '2324-2', '1975-2']);
    default: return [];
  }
}

function sessionsOf(facts: Fact[]): Fact[] {
  return facts.filter((fact) => fact.kind === 'session' && counts(fact));
}

function aroundSession({ finding, facts }: Material): PlotSpec[] {
  const mine = isEvidence(finding);
  const evidence = facts.filter((fact) => mine(fact) && fact.effective);
  const first = evidence.find((fact) => fact.state === 'active') ?? evidence[0];
  const of = first?.kind === 'session' ? { source: first.source, id: first.id } : first?.derived?.session;
  const session = sessionsOf(facts).find((fact) => fact.source === of?.source && fact.id === of?.id);
  const centre = session ? at(session) : first ? at(first) : seconds(finding.onset);
  const [before, after] = session ? [60, 250] : [60 * 1440, 14 * 1440];  // minutes
  const near = facts.filter((fact) => fact.kind === 'blood_pressure' && fact.effective && (counts(fact) || mine(fact)) &&
    (at(fact) - centre) / 60 >= -before && (at(fact) - centre) / 60 <= after);
  const x = (fact: Fact) => (session ? (at(fact) - centre) / 60 : at(fact));
  const over = (name: 'systolic' | 'diastolic') => near.flatMap((fact): Point[] => (numeric(fact[name]) ? [[x(fact), fact[name]]] : []));
  const limit = (name: string, value: number | undefined, ink: 'alert' | 'critical' | 'watch') => (value === undefined ? [] : [{ name, value, ink }]);
  const n = (name: string) => (numeric(input(finding, name)) ? (input(finding, name) as number) : undefined);
  const p = (name: string) => parameter(finding, name);
  const limits = ({
    'BP-1': () => [...limit('limit, systolic', n('limit_systolic'), 'alert'), ...limit('limit, diastolic', n('limit_diastolic'), 'watch')],
    'BP-3': () => [...limit('crisis, systolic', p('systolic_mmhg'), 'critical'), ...limit('with a symptom, systolic', p('symptom_systolic_mmhg'), 'critical'), ...limit('with a symptom, diastolic', p('symptom_diastolic_mmhg'), 'alert')],
    'BP-4': () => [...limit('surge from', n('pre_systolic') === undefined ? undefined : (n('pre_systolic') as number) + (p('rise_systolic_mmhg') ?? 40), 'alert'),
      ...limit('surge, diastolic, from', n('pre_diastolic') === undefined ? undefined : (n('pre_diastolic') as number) + (p('rise_diastolic_mmhg') ?? 25), 'watch')],
    'BP-5': () => limit('should be under', numeric(finding.statistic.threshold) ? finding.statistic.threshold : undefined, 'alert'),
  } as Record<string, () => { name: string; value: number; ink: 'alert' | 'critical' | 'watch' }[]>)[finding.detector]?.() ??
    [...limit('severe, systolic', p('systolic_mmhg') ?? 180, 'alert'), ...limit('severe, diastolic', p('diastolic_mmhg') ?? 110, 'watch')];
  const monitored = session && numeric(session['monitored_min']) ? [{ x: session['monitored_min'] as number, name: 'end of monitoring' }] : [];
  return [{
    title: session ? `Pressures around the session of ${finding.compound ?? session.compound}, ${session.dose_mg} mg ${session.route}` : 'Pressures around the reading',
    x: session ? 'minutes' : 'time', unit: 'mmHg',
    series: [
      { name: 'systolic', points: over('systolic'), ink: 'ink', kind: 'both' },
      { name: 'diastolic', points: over('diastolic'), ink: 'ink-2', kind: 'both' },
    ],
    limits, verticals: session ? [{ x: 0, name: 'dose' }, ...monitored] : [],
    rings: near.filter(mine).flatMap((fact) => [fact.systolic, fact.diastolic].filter(numeric).map((y) => ({ x: x(fact), y }))),
    ...(session ? { range: [-45, Math.max(130, ...monitored.map((one) => one.x), ...near.map(x))] as [number, number] } : {}), floor: 50,
  }];
}

function restingPressures({ finding, facts }: Material): PlotSpec[] {
  const mine = isEvidence(finding);
  const first = sessionsOf(facts)[0];
  const resting = facts.filter((fact) => fact.kind === 'blood_pressure' && counts(fact) && (fact.derived?.phase === 'pre' || (first && at(fact) < at(first))));
  const series = (name: 'systolic' | 'diastolic', ink: 'ink' | 'ink-2'): Series => ({ name: `resting ${name}`, points: points(resting, (fact) => fact[name]), ink, kind: 'both' });
  const baseline = input(finding, 'baseline_systolic');
  return [{
    title: 'Resting pressures over time', x: 'time', unit: 'mmHg',
    series: [series('systolic', 'ink'), series('diastolic', 'ink-2')],
    limits: [
      { name: 'hypertension, systolic', value: parameter(finding, 'systolic_mmhg') ?? 140, ink: 'alert' },
      { name: 'hypertension, diastolic', value: parameter(finding, 'diastolic_mmhg') ?? 90, ink: 'watch' },
      ...(numeric(baseline) ? [{ name: 'mean before the first dose', value: baseline, ink: 'quiet' as const }] : []),
    ],
    verticals: first ? [{ x: at(first), name: 'first dose' }] : [],
    rings: points(resting.filter(mine), (fact) => fact.systolic).map(ring), floor: 60,
  }];
}

function vitals({ finding, facts }: Material): PlotSpec[] {
  const name = finding.statistic.name;
  const readings = facts.filter((fact) => (fact.kind === 'vital' && fact.name === name) || (fact.kind === 'score' && fact.instrument === name));
  if (readings.length === 0) return [];
  const mine = isEvidence(finding);
  return [{
    title: `${vitalName(name)} over time`, x: 'time', unit: readings[0]?.unit === '/min' ? 'per minute' : (readings[0]?.unit ?? 'points'),
    series: [{ name: vitalName(name), points: points(readings.filter(counts), (fact) => fact.value), ink: 'ink', kind: 'both' }],
    limits: numeric(finding.statistic.threshold) ? [{ name: 'limit', value: finding.statistic.threshold, ink: finding.level }] : [],
    rings: points(readings.filter(mine), (fact) => fact.value).map(ring),
  }];
}

function scores({ finding, facts }: Material, instrument: string): PlotSpec[] {
  const mine = isEvidence(finding);
  const values = facts.filter((fact) => fact.kind === 'score' && fact.instrument === instrument && counts(fact));
  if (values.length === 0) return [];
  const first = sessionsOf(facts)[0];
  const baseline = input(finding, 'baseline_mean');
  const drop = parameter(finding, 'drop_points');
  const limits: PlotSpec['limits'] = [];
  if (instrument === 'moca') {
    if (numeric(baseline) && drop !== undefined) limits.push({ name: 'reliable fall', value: baseline - drop, ink: 'alert' });
    limits.push({ name: 'usual from', value: parameter(finding, 'normal_points') ?? 26, ink: 'watch' });
    limits.push({ name: 'moderate below', value: parameter(finding, 'moderate_points') ?? 18, ink: 'critical' });
  } else if (numeric(finding.statistic.threshold) && finding.statistic.name !== 'suicidal-behaviour') {
    limits.push({ name: 'limit', value: finding.statistic.threshold, ink: finding.level });
  }
  if (numeric(baseline)) limits.push({ name: 'baseline', value: baseline, ink: 'quiet' });
  const far = values.filter((fact) => fact.derived?.eligible !== false);
  const close = values.filter((fact) => fact.derived?.eligible === false);
  return [{
    title: `${instrumentName(instrument)} over time`, x: 'time', unit: 'points',
    series: [
      { name: instrumentName(instrument), points: points(far, (fact) => fact.value), ink: 'ink', kind: 'both' },
      ...(close.length > 0 ? [{ name: 'too near a dose to count', points: points(close, (fact) => fact.value), ink: 'quiet', kind: 'points' } as Series] : []),
    ],
    bands: instrument === 'moca' && numeric(baseline) ? [{ name: 'usual change with practice and retest (baseline ± 2.4 points)', from: baseline - 2.4, to: baseline + 2.4 }] : [],
    limits, verticals: first ? [{ x: at(first), name: 'first dose' }] : [],
    rings: points(values.filter(mine), (fact) => fact.value).map(ring),
  }];
}

function drift({ finding, facts, charts }: Material): PlotSpec[] {
  const stream = finding.statistic.name;
  const chart = charts?.charts.find((one) => one.detector === finding.detector && one.stream === stream);
  const [instrument = stream] = stream.split(':');
  const resting = finding.detector === 'BP-7';
  const first = sessionsOf(facts)[0];
  const mine = isEvidence(finding);
  const unit = resting ? 'mmHg' : 'points';
  const raw = facts.filter((fact) => counts(fact) && (resting
    ? fact.kind === 'blood_pressure' && (fact.derived?.phase === 'pre' || (first && at(fact) < at(first)))
    : fact.kind === 'score' && fact.instrument === instrument));
  const y = (fact: Fact) => (resting ? fact[instrument === 'resting-diastolic' ? 'diastolic' : 'systolic'] : fact.value);
  const before = first ? points(raw.filter((fact) => at(fact) < at(first)), y) : [];
  const mean = before.length > 0 ? before.reduce((sum, point) => sum + point[1], 0) / before.length : undefined;
  const sd = input(finding, 'prior_sd');
  const numbers = chart?.points ?? [];
  const line = (name: string): Point[] => numbers.flatMap((one): Point[] => {
    const value = one.numbers[name];
    return numeric(value) ? [[seconds(one.at), value]] : [];
  });
  const corrected = line('corrected');
  const values: PlotSpec = {
    title: `${instrumentName(stream)} over time`, x: 'time', unit,
    series: [
      { name: instrumentName(stream), points: points(raw, y), ink: 'ink', kind: 'both' },
      ...(corrected.length > 0 && !resting ? [{ name: 'less the gain of practice', points: corrected, ink: 'ink-2', kind: 'both', dash: true } as Series] : []),
    ],
    limits: mean === undefined ? [] : [{ name: 'mean before the first dose', value: mean, ink: 'quiet' }],
    bands: mean !== undefined && numeric(sd) ? [{ name: `usual within a person (± ${sd} ${unit})`, from: mean - sd, to: mean + sd }] : [],
    verticals: first ? [{ x: at(first), name: 'first dose' }] : [],
    rings: points(raw.filter(mine), y).map(ring),
  };
  if (numbers.length === 0) return [values];
  return [values, {
    title: 'Evidence of a drift against its limits', x: 'time', unit: 'evidence (no unit)', height: 220, floor: 0,
    series: [
      { name: 'evidence S', points: line('S'), ink: 'ink', kind: 'both' },
      { name: 'limit of an alert', points: line('S_limit'), ink: 'critical', kind: 'line', dash: true },
      { name: 'limit of a watch', points: line('S_limit_watch'), ink: 'watch', kind: 'line', dash: true },
    ],
  }];
}

function doses({ finding, facts }: Material): PlotSpec[] {
  const mine = isEvidence(finding);
  const compound = input(finding, 'compound') ?? finding.compound;
  const given = sessionsOf(facts).filter((fact) => compound === undefined || fact.compound === compound);
  const plans = facts.filter((fact) => fact.kind === 'plan' && counts(fact) && (compound === undefined || fact.compound === compound));
  const reference = input(finding, 'reference_mg');
  const ratio = finding.statistic.name === 'dose-ratio' && numeric(reference) && numeric(finding.statistic.threshold) ? reference * finding.statistic.threshold : undefined;
  return [{
    title: `Doses${typeof compound === 'string' ? ` of ${compound}` : ''}`, x: 'time', unit: 'mg', floor: 0,
    series: [
      { name: 'dose', points: points(given, (fact) => fact.dose_mg), ink: 'ink', kind: 'both' },
      { name: 'planned', points: points(plans, (fact) => fact.dose_mg), ink: 'ink-2', kind: 'steps', dash: true },
      ...depression(facts),
    ],
    rightUnit: 'depression score, points',
    limits: [...(numeric(reference) ? [{ name: 'mean of sessions 3 to 8', value: reference, ink: 'quiet' as const }] : []), ...(ratio === undefined ? [] : [{ name: 'limit', value: ratio, ink: finding.level }])],
    rings: points(given.filter(mine), (fact) => fact.dose_mg).map(ring),
  }];
}
function depression(facts: Fact[]): Series[] {
  return ['madrs', 'phq-9'].flatMap((name): Series[] => {
    const found = points(facts.filter((fact) => fact.kind === 'score' && fact.instrument === name && counts(fact)), (fact) => fact.value);
    return found.length === 0 ? [] : [{ name: instrumentName(name), points: found, ink: 'ink-3', kind: 'line', right: true, unit: 'points' }];
  }).slice(0, 1);
}

function intervals({ finding, facts }: Material): PlotSpec[] {
  const mine = isEvidence(finding);
  const given = sessionsOf(facts);
  const gaps = given.slice(1).map((fact, i): { fact: Fact; point: Point } => ({ fact, point: [at(fact), (at(fact) - at(given[i] as Fact)) / 86_400] }));
  const plans = facts.filter((fact) => fact.kind === 'plan' && counts(fact));
  const planned = points(plans, (fact) => fact.interval_days);
  const last = planned[planned.length - 1];
  const end = gaps[gaps.length - 1];
  if (last && end && end.point[0] > last[0]) planned.push([end.point[0], last[1]]);
  const missed = finding.detector === 'DQ-1' ? [{ x: seconds(finding.onset), name: 'none until here' }] : [];
  return [{
    title: 'Days between sessions', x: 'time', unit: 'days', rightUnit: 'depression score, points', floor: 0, verticals: missed,
    series: [
      { name: 'days since the session before', points: gaps.map((gap) => gap.point), ink: 'ink', kind: 'both' },
      { name: 'planned', points: planned, ink: 'ink-2', kind: 'steps', dash: true },
      ...depression(facts),
    ],
    rings: gaps.filter((gap) => mine(gap.fact)).map((gap) => ring(gap.point)),
  }];
}

/** At each session that the rule counts, how many there were in the window that ends with it. */
function sessionsInWindow({ finding, facts }: Material): PlotSpec[] {
  const mine = isEvidence(finding);
  const p = (name: string) => parameter(finding, name) ?? 0;
  const windowSeconds = p('window_days') * 86_400;
  const given = sessionsOf(facts).filter((fact) => fact.compound === 'esketamine' && fact.route === 'IN');
  const counted = given.map((fact): { fact: Fact; point: Point } => ({
    fact, point: [at(fact), given.filter((other) => at(other) <= at(fact) && at(other) > at(fact) - windowSeconds).length],
  }));
  const first = input(finding, 'first_session_at');
  const begin = typeof first === 'string' ? seconds(first) : at(given[0] as Fact);
  const end = counted[counted.length - 1]?.point[0] ?? begin;
  const weekly = begin + p('weekly_from_days') * 86_400;
  const twice = begin + p('twice_weekly_from_days') * 86_400;
  const limit: Point[] = [[twice, p('twice_weekly_sessions')], [weekly, p('weekly_sessions')], [Math.max(end, weekly), p('weekly_sessions')]];
  return [{
    title: `Sessions in the ${p('window_days')} days before each`, x: 'time', unit: 'sessions', floor: 0,
    series: [
      { name: 'sessions', points: counted.map((one) => one.point), ink: 'ink', kind: 'both' },
      { name: 'limit in force', points: limit, ink: 'alert', kind: 'steps', dash: true },
    ],
    verticals: [{ x: begin, name: 'first session' }],
    rings: counted.filter((one) => mine(one.fact)).map((one) => ring(one.point)),
  }];
}

const urinary = ['frequency', 'urgency', 'nocturia', 'dysuria', 'suprapubic-pain', 'incontinence', 'haematuria-gross', 'haematuria-micro', 'urinary-retention', 'hydronephrosis'];
function symptomsAgainstDose({ finding, facts }: Material): PlotSpec[] {
  const mine = isEvidence(finding);
  const found = facts.filter((fact) => fact.kind === 'symptom' && counts(fact) && urinary.includes(fact.code ?? ''));
  const severity = (fact: Fact) => fact.severity ?? 1;
  let total = 0;
  const lifetime = sessionsOf(facts).map((fact): Point => [at(fact), (total += fact.dose_mg ?? 0) / 1000]);
  const cultures = facts.filter((fact) => fact.kind === 'culture' && counts(fact));
  return [{
    title: 'Urinary symptoms against the dose of a lifetime', x: 'time', unit: 'worst severity (0 asked, absent; 5)', rightUnit: 'g in all sessions', floor: 0,
    series: [
      { name: 'urinary symptoms', points: worstPerDay(found, severity), ink: 'ink', kind: 'points' },
      { name: 'cumulative dose', points: lifetime, ink: 'ink-3', kind: 'line', right: true, unit: 'g' },
      ...(['positive', 'negative'] as const).flatMap((result): Series[] => {
        const those = cultures.filter((fact) => fact.result === result);
        return those.length === 0 ? [] : [{ name: `culture ${result}`, points: points(those, () => (result === 'positive' ? 4.6 : 4.3)), ink: result === 'positive' ? 'alert' : 'good', kind: 'points', unit: '(placed at the top)' }];
      }),
    ],
    rings: worstPerDay(found.filter(mine), severity).map(ring),
  }];
}
function worstPerDay(facts: Fact[], y: (fact: Fact) => number): Point[] {
  const days = new Map<number, number>();
  for (const fact of facts) {
    const day = Math.floor(at(fact) / 86_400) * 86_400;
    days.set(day, Math.max(days.get(day) ?? 0, y(fact)));
  }
  return [...days];
}

const micromolesPerMilligram = 88.42;  // of creatinine: umol/L in one mg/dL
function creatinine({ finding, facts }: Material): PlotSpec[] {
  const mine = isEvidence(finding);
  const values = facts.filter((fact) => fact.kind === 'lab' && fact.code === '2160-0' && (counts(fact) || mine(fact)));
  if (values.length === 0) return [];
  const inMicromoles = numeric(input(finding, 'creatinine_umol_l'));
  const factor = (micromoles: boolean) => (micromoles === inMicromoles ? 1 : inMicromoles ? micromolesPerMilligram : 1 / micromolesPerMilligram);
  const y = (fact: Fact) => (numeric(fact.value) ? fact.value * factor(fact.unit === 'umol/L') : undefined);
  const lowest = (name: string) => {
    const [mg, umol] = [input(finding, `lowest_before_${name}_mg_dl`), input(finding, `lowest_before_${name}_umol_l`)];
    return numeric(mg) ? mg * factor(false) : numeric(umol) ? umol * factor(true) : undefined;
  };
  const p = (name: string) => parameter(finding, name) ?? 0;
  const least = inMicromoles ? p('rise_umol_l') : p('rise_mg_dl');
  const [rise, ratio] = [lowest('rise'), lowest('ratio')];
  return [{
    title: testName('2160-0'), x: 'time', unit: inMicromoles ? 'µmol/L' : 'mg/dL', floor: 0,
    series: [{ name: testName('2160-0'), points: points(values, y), ink: 'ink', kind: 'both' }],
    limits: [
      ...(numeric(rise) ? [{ name: `${least} above the lowest of the ${p('rise_hours')} hours before`, value: rise + least, ink: finding.level }] : []),
      ...(numeric(ratio) ? [{ name: `${p('ratio')} times the lowest of the ${p('ratio_days')} days before`, value: ratio * p('ratio'), ink: 'alert' as const }] : []),
    ],
    rings: points(values.filter(mine), y).map(ring),
  }];
}

function laboratory({ finding, facts }: Material, codes: string[]): PlotSpec[] {
  const mine = isEvidence(finding);
  const usual: Record<string, number> = { '1742-6': 40, '1920-8': 40, '6768-6': 120, '2324-2': 60, '1975-2': 1.2 };
  const inMultiples = codes.length > 1;
  const y = (fact: Fact) => (!numeric(fact.value) ? undefined : inMultiples ? fact.value / (fact.upper_limit ?? usual[fact.code ?? ''] ?? 1) : fact.value);
  const inks: Series['ink'][] = ['ink', 'ink-2', 'ink-3', 'info', 'alert'];
  const values = (code: string) => facts.filter((fact) => fact.kind === 'lab' && fact.code === code && counts(fact));
  const named = codes.filter((code) => values(code).length > 0);
  if (named.length === 0) return [];
  return [{
    title: inMultiples ? 'Liver values, as multiples of the upper limit' : testName(codes[0] as string), x: 'time',
    unit: inMultiples ? '× upper limit' : (values(named[0] as string)[0]?.unit ?? ''), floor: 0,
    series: named.map((code, i) => ({ name: testName(code), points: points(values(code), y), ink: inks[i % inks.length] as Series['ink'], kind: 'both' })),
    limits: [...(inMultiples ? [{ name: 'upper limit', value: 1, ink: 'quiet' as const }] : []), ...(numeric(finding.statistic.threshold) ? [{ name: 'limit', value: finding.statistic.threshold, ink: finding.level }] : [])],
    rings: points(facts.filter((fact) => fact.kind === 'lab' && mine(fact)), y).map(ring),
  }];
}
