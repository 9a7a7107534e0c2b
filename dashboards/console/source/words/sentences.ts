// The reason of a finding in one sentence, made of the numbers the detector itself used.

import type { Fact, Finding } from '../api';
import { instrumentName, testName, vitalName, wordsOf } from './detectors';
import { count, day, moment, number, short } from './format';

type Inputs = Finding['statistic']['inputs'];

const n = (inputs: Inputs, name: string): number | null => {
  const value = inputs[name];
  return typeof value === 'number' ? value : null;
};
const t = (inputs: Inputs, name: string): string => {
  const value = inputs[name];
  return typeof value === 'string' ? value : '';
};
const inForce = (f: Finding, name: string): string => say(n(f.statistic.parameters, name));
const say = (value: number | null | undefined): string => (value === null || value === undefined ? '?' : short(value));
const one = (value: number | null): string => (value === null ? '?' : number(value, 1));

function pressure(inputs: Inputs, systolic = 'systolic', diastolic = 'diastolic'): string {
  return `${one(n(inputs, systolic))}/${one(n(inputs, diastolic))} mmHg`;
}
function when(inputs: Inputs): string {
  const minutes = n(inputs, 'minutes');
  if (minutes === null) return '';
  if (minutes === 0) return ' at the start of the session';
  return minutes > 0
    ? ` ${count(minutes, 'minute')} after the session began`
    : ` ${count(-minutes, 'minute')} before the session began`;
}

const protocol = (finding: Finding) =>
  finding.annotations.includes('protocol-driven') ? ', after scores had become worse, as the protocol allows' : '';

type Sentence = (finding: Finding, inputs: Inputs, facts: Fact[]) => string;

const sentences: Record<string, Sentence> = {
  'BP-1': (_, i) =>
    `A dose was given although the pressure before it was ${pressure(i, 'gate_systolic', 'gate_diastolic')}; the limit is ${pressure(i, 'limit_systolic', 'limit_diastolic')}` +
    ((n(i, 'exceeded_sessions') ?? 0) > 1 ? `, and so in ${n(i, 'exceeded_sessions')} of the last 4 sessions.` : '.'),
  'BP-2': (f, i) =>
    `The pressure was ${pressure(i)}${when(i)}, at or above ${say(f.statistic.parameters['systolic_mmhg'] as number)}/${say(f.statistic.parameters['diastolic_mmhg'] as number)} mmHg.`,
  'BP-3': (_, i, facts) => {
    const symptoms = facts.flatMap((fact) => fact.symptoms ?? (fact.kind === 'symptom' && fact.code ? [fact.code] : []));
    const told = t(i, 'symptom') ? [t(i, 'symptom')] : symptoms;
    const beside = told.length > 0 ? `, with ${told.map((word) => word.replace(/-/g, ' ')).join(' and ')}` : '';
    return `The pressure reached ${pressure(i)}${when(i)}${beside}: a hypertensive crisis.`;
  },
  'BP-4': (_, i) =>
    `The pressure rose from ${pressure(i, 'pre_systolic', 'pre_diastolic')} before the dose to ${pressure(i)}${when(i)}: by ${say(n(i, 'rise_systolic'))} and ${say(n(i, 'rise_diastolic'))} mmHg` +
    ((n(i, 'surge_sessions') ?? 0) > 1 ? `, and so in ${n(i, 'surge_sessions')} of the last 4 sessions.` : '.'),
  'BP-5': (_, i) =>
    `When the patient left, the pressure was still ${pressure(i)}${when(i)}` +
    (n(i, 'pre_systolic') === null ? '.' : `, against ${pressure(i, 'pre_systolic', 'pre_diastolic')} before the dose.`),
  'BP-6': (f, i) => {
    const gaps = f.annotations.map((name) => ({
      'no-pre': 'no pressure before the dose', 'no-peak': 'none 25 to 60 minutes after it', 'no-discharge': 'none before leaving',
      'monitored-short': `only ${say(n(i, 'monitored_min'))} minutes of monitoring`, 'phase-contradicts-clock': 'a phase that contradicts the clock',
    })[name]).filter(Boolean);
    return `The session of ${day(t(i, 'session_start'))} was not monitored as the label asks: ${gaps.join(', ') || count(n(i, 'gaps') ?? 1, 'gap')}.`;
  },
  'BP-8': (f, i) => {
    if (f.statistic.name === 'diagnosis') return `Hypertension was diagnosed after the first dose (code ${t(i, 'code')}).`;
    if (f.statistic.name === 'treatment') return `An antihypertensive${t(i, 'name') ? `, ${t(i, 'name')},` : ''} was started after the first dose.`;
    const before = n(i, 'baseline_systolic');
    return `The mean of ${say(n(i, 'values_systolic') ?? n(i, 'values_diastolic'))} resting pressures is ${pressure(i, 'mean_systolic', 'mean_diastolic')}` +
      (before === null ? '; no pressure before the first dose is known.' : `, against ${pressure(i, 'baseline_systolic', 'baseline_diastolic')} before the first dose.`);
  },
  'BP-9': (f) => {
    const { name, value } = f.statistic;
    if (name === 'spo2') return `Oxygen saturation fell to ${say(value)} %.`;
    if (name === 'heart-rate') return `The heart rate was ${say(value)} per minute.`;
    if (name === 'moaa-s') return `The patient was deeply sedated: MOAA/S ${say(value)} points.`;
    return `${wordsOf('BP-9', name).title === wordsOf('BP-9', '').title ? name.replace(/-/g, ' ') : wordsOf('BP-9', name).title} was reported.`;
  },
  'COG-6': (f, i) => {
    if (f.statistic.name === 'delirium' || n(i, 'moca') === null) return `${f.statistic.name.replace(/-/g, ' ')} was reported.`;
    const before = n(i, 'baseline_mean');
    return before === null
      ? `The MoCA is ${say(n(i, 'moca'))} points, below ${say(f.statistic.threshold)}; no value before the first dose is known.`
      : `The MoCA fell to ${say(n(i, 'moca'))} points, ${say(n(i, 'drop'))} below the ${say(before)} before the first dose.`;
  },
  'DEP-1': (f, i) => {
    if (f.statistic.name === 'dose-ratio') {
      return `The dose of ${t(i, 'compound')} ${t(i, 'route')} rose to ${say(f.statistic.value)} times its early mean: ${say(n(i, 'mean_mg'))} mg over the last 28 days, ${say(n(i, 'reference_mg'))} mg in sessions 3 to 8${protocol(f)}.`;
    }
    return `A dose of ${say(f.statistic.value)} ${n(i, 'weight_kg') === null ? 'mg' : 'mg/kg'} of ${t(i, 'compound') || f.compound || 'the compound'} is above its limit of ${say(f.statistic.threshold)}.`;
  },
  'DEP-2': (f, i) =>
    `Sessions come closer together: the median of the last four intervals is ${say(n(i, 'last_median_days'))} days, of the four before ${say(n(i, 'before_median_days'))} days${protocol(f)}.`,
  'DEP-3': (f, i) =>
    `There were ${say(n(i, 'sessions'))} sessions in ${inForce(f, 'window_days')} days, ${say(n(i, 'days_since_first'))} days after the first; the limit in force is ${say(f.statistic.threshold)}${protocol(f)}.`,
  'DEP-4': (_, i) => {
    const days = n(i, 'days_since_previous');
    const text = days === null ? 'A session was not planned'
      : `A session came ${say(days)} days after the one before; the plan says ${say(n(i, 'interval_days'))} days`;
    return text + ((n(i, 'off_schedule_sessions') ?? 0) > 1 ? `, the ${ordinal(n(i, 'off_schedule_sessions') ?? 2)} such in 28 days.` : '.');
  },
  'DEP-6': (f, i) => {
    const name = instrumentName(t(i, 'instrument'));
    return `More is given in less time (${say(f.statistic.value)} times as much as in the four sessions before), and the patient is no better for it: ${name} ${say(n(i, 'last_mean_score'))} points, before ${say(n(i, 'before_mean_score'))}.`;
  },
  'DEP-7': (f, i) =>
    n(i, 'craving') === null ? `${f.statistic.name.replace(/-/g, ' ')} was reported.`
      : `Craving is ${say(n(i, 'craving'))} of 10 points, at first ${say(n(i, 'first_craving'))}.`,
  'DEP-9': (f, i) => {
    const { name, value } = f.statistic;
    if (name === 'ideation') return `Suicidal ideation is ${say(value)} of 5 points on the C-SSRS${n(i, 'previous') === null ? '' : `, before ${say(n(i, 'previous'))}`}.`;
    if (name === 'item-9') return `Item 9 of the PHQ-9, thoughts of death, is ${say(value)} of 3 points.`;
    return `${wordsOf('DEP-9', name).title === 'Suicidality' ? name.replace(/-/g, ' ') : wordsOf('DEP-9', name).title} was reported.`;
  },
  'DEP-10': (f, i) => {
    if (f.statistic.name === 'hys-law') {
      return `Transaminases are ${say(n(i, 'transaminase_multiple'))} times and bilirubin ${say(n(i, 'bilirubin_multiple'))} times the upper limit: possible liver injury by Hy's law.`;
    }
    return `${f.statistic.name.toUpperCase()} is ${say(f.statistic.value)} times its upper limit (${say(n(i, 'value'))} of ${say(n(i, 'upper_limit'))} ${t(i, 'unit')}).`;
  },
  'AE-1': (f, i) => {
    const why = t(i, 'seriousness').replace(/-/g, ' ') || (n(i, 'ctcae') === null ? t(i, 'reason') : '');
    const grade = n(i, 'ctcae') === null ? '' : `, CTCAE grade ${say(n(i, 'ctcae'))}`;
    return `A serious event was reported: ${f.statistic.name}${why ? `, ${why}` : ''}${grade}. The rule judges no cause.`;
  },
  'DQ-1': (f, i) => {
    const last = t(i, 'last_session_at');
    return `No session came within ${say(f.statistic.value)} days of ${last ? `the last one, on ${day(last)}` : 'the start of the plan'}; the plan of ${t(i, 'compound')} ${t(i, 'route')} has one every ${say(n(i, 'interval_days'))} days.`;
  },
  'URO-1': (f, i) =>
    `The bladder score BPIC-SS is ${say(f.statistic.value)} points, over the clinical limit of ${say(f.statistic.threshold)}` +
    (n(i, 'baseline_mean') === null ? '; no value before the first dose is known.' : `; before the first dose it was ${say(n(i, 'baseline_mean'))}.`),
  'URO-3': (f, i) =>
    `Urinary symptoms have lasted ${say(f.statistic.value)} days, from ${day(t(i, 'first'))} to ${day(t(i, 'last'))}, reported ${count(n(i, 'positive_facts') ?? 0, 'time')}` +
    (f.annotations.includes('no-culture') ? ', and nobody has looked for an infection.' : ', without an infection that explains them.'),
  'URO-4': (f) => {
    if (f.statistic.name === 'gross') return 'Visible blood in the urine was reported.';
    if (f.statistic.name === 'retention') return 'The patient could not pass urine.';
    return 'Blood in the urine was found under the microscope.';
  },
  'URO-5': (_, i) =>
    `Urinary infections come again: ${say(n(i, 'episodes_half_year'))} in half a year, ${say(n(i, 'episodes_year'))} in a year.`,
  'URO-6': (f, i) => {
    if (f.statistic.name === 'hydronephrosis') return 'Hydronephrosis was found.';
    const [mg, umol, rise, ratio] = [n(i, 'creatinine_mg_dl'), n(i, 'creatinine_umol_l'), n(i, 'rise'), n(i, 'ratio')];
    const value = mg === null ? (umol === null ? null : `${say(umol)} µmol/L`) : `${say(mg)} mg/dL`;
    const riseUnit = umol !== null && n(i, 'lowest_before_rise_umol_l') !== null ? 'µmol/L' : 'mg/dL';
    const ways = [
      ...(rise === null ? [] : [`${say(rise)} ${riseUnit} above the lowest of the ${inForce(f, 'rise_hours')} hours before`]),
      ...(ratio === null ? [] : [`${say(ratio)} times the lowest of the ${inForce(f, 'ratio_days')} days before`]),
    ];
    return `Creatinine rose${value === null ? '' : ` to ${value}`}${ways.length > 0 ? `: ${ways.join(', ')}` : ''}.`;
  },
  'URO-8': (_, i) => `Interstitial cystitis was diagnosed after the first dose (${t(i, 'code') || t(i, 'name')}).`,
};

function drift(finding: Finding, inputs: Inputs): string {
  const stream = instrumentName(finding.statistic.name);
  const better = finding.detector === 'COG-8' ? 'down' : 'up';
  const unit = finding.detector === 'BP-7' ? 'mmHg' : 'points';
  const passed = finding.level === 'alert' ? 'the limit for an alert' : 'the limit to watch';
  const value = n(inputs, 'value') ?? n(inputs, 'corrected');
  return `${stream} drifts ${better}: after ${count(n(inputs, 'exposed_values') ?? finding.evidence.length, 'value')} since the first dose${value === null ? '' : `, the last ${say(value)} ${unit}`}, the evidence is ${say(finding.statistic.value)} and has passed ${passed}, ${say(finding.statistic.threshold)}.`;
}

function ordinal(value: number): string {
  const last = value % 10;
  const ending = value % 100 >= 11 && value % 100 <= 13 ? 'th' : last === 1 ? 'st' : last === 2 ? 'nd' : last === 3 ? 'rd' : 'th';
  return `${value}${ending}`;
}

/** One sentence; of a detector that is not known here, its statistic against its limit. */
export function sentenceOf(finding: Finding, facts: Fact[]): string {
  const inputs = finding.statistic.inputs;
  if (['COG-8', 'URO-2', 'BP-7'].includes(finding.detector)) return drift(finding, inputs);
  const make = sentences[finding.detector];
  const text = make ? make(finding, inputs, facts)
    : `${finding.detector}: ${finding.statistic.name} is ${say(finding.statistic.value)}, the limit ${say(finding.statistic.threshold)}.`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What a fact says, in a line. */
export function factWords(fact: Fact): string {
  const words = (text: string | undefined) => (text ?? '').replace(/-/g, ' ');
  const unit = fact.unit === 'mm[Hg]' ? 'mmHg' : (fact.unit ?? '');
  switch (fact.kind) {
    case 'blood_pressure': {
      const phase = fact.derived?.phase ?? fact.phase;
      const symptoms = fact.symptoms?.length ? `, with ${fact.symptoms.map(words).join(', ')}` : '';
      return `${fact.systolic ?? '–'}/${fact.diastolic ?? '–'} ${unit}${phase ? `, ${phase}` : ''}${symptoms}`;
    }
    case 'session': return `${fact.compound} ${fact.route}, ${fact.dose_mg} mg${fact['unplanned'] ? ', unplanned' : ''}`;
    case 'plan': return `${fact.compound} ${fact.route}, ${fact.dose_mg} mg every ${fact.interval_days} days`;
    case 'score': return `${instrumentName(fact.instrument ?? '')} ${fact.value} ${fact.derived?.eligible === false ? 'points, too near a dose to count' : 'points'}`;
    case 'symptom': return fact.severity === 0 ? `${words(fact.code)}: asked, not present` : `${words(fact.code)}${fact.severity ? `, severity ${fact.severity}` : ''}`;
    case 'lab': return `${testName(fact.code ?? '')} ${fact.value} ${unit}${fact.upper_limit ? ` (upper limit ${fact.upper_limit})` : ''}`;
    case 'vital': return `${vitalName(fact.name ?? '')} ${fact.value} ${unit === '/min' ? 'per minute' : unit}`;
    case 'medication': return `${words(fact.action)} ${fact.name ?? ''} (${words(fact.class)})`;
    case 'adverse_event': return `${fact.name}${fact.ctcae ? `, CTCAE grade ${fact.ctcae}` : ''}${fact.seriousness?.length ? `, ${fact.seriousness.map(words).join(', ')}` : ''}`;
    case 'culture': return `culture ${fact.result}`;
    case 'condition': return `${fact.name ?? ''} ${fact.code ?? ''}`.trim();
    case 'dispense': return `${fact.compound}, for ${fact.days_supply} days${fact['quantity_mg'] ? `, ${fact['quantity_mg']} mg` : ''}`;
    case 'covariate': return `${words(fact.name)} ${fact.value} ${unit}`.trim();
    case 'enrolment': return `at ${fact.site}`;
    case 'exit': return words(fact.reason);
    default: return fact.status === 'entered-in-error' ? 'withdrawn by its source' : '';
  }
}
export function factTime(fact: Fact): string {
  if (!fact.effective) return '';
  return fact.effective.length <= 10 ? day(`${fact.effective}T00:00:00Z`) : moment(fact.effective);
}
