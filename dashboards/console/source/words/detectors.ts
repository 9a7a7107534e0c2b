// What each detector is called in plain words, and the unit its statistic is in.

import type { Case, Finding } from '../api';
import { short } from './format';

interface Words { title: string; unit: string; below?: boolean }

/** Keyed by detector, or by detector and statistic where one detector has several. */
const words: Record<string, Words> = {
  'AE-1': { title: 'Serious adverse event', unit: '' },
  'BP-1': { title: 'Dose given at a high pressure', unit: 'mmHg' },
  'BP-2': { title: 'Severe pressure', unit: 'mmHg' },
  'BP-3': { title: 'Hypertensive crisis', unit: 'mmHg' },
  'BP-4': { title: 'Pressure surge after the dose', unit: 'mmHg' },
  'BP-5': { title: 'Pressure had not come down', unit: 'mmHg' },
  'BP-6': { title: 'Gap in monitoring', unit: 'gaps' },
  'BP-7': { title: 'Resting pressure drifts up', unit: 'evidence' },
  'BP-8': { title: 'New hypertension', unit: 'mmHg' },
  'BP-8 treatment': { title: 'New hypertension, treated', unit: '' },
  'BP-8 diagnosis': { title: 'New hypertension, diagnosed', unit: '' },
  'BP-9': { title: 'Heart, breath or consciousness', unit: '' },
  'BP-9 spo2': { title: 'Low oxygen saturation', unit: '%', below: true },
  'BP-9 moaa-s': { title: 'Deep sedation', unit: 'points', below: true },
  'BP-9 heart-rate': { title: 'Dangerous heart rate', unit: 'per minute' },
  'BP-9 seizure': { title: 'Seizure', unit: '' },
  'BP-9 syncope': { title: 'Syncope', unit: '' },
  'BP-9 chest-pain': { title: 'Chest pain', unit: '' },
  'COG-6': { title: 'Cognition below a limit', unit: 'points' },
  'COG-6 delirium': { title: 'Delirium', unit: '' },
  'COG-8': { title: 'Cognition drifts down', unit: 'evidence' },
  'DEP-1': { title: 'Rising dose', unit: '×' },
  'DEP-1 dose-limit': { title: 'Dose above its limit', unit: '' },
  'DEP-2': { title: 'Intervals shorten', unit: '×', below: true },
  'DEP-3': { title: 'More sessions than the label has', unit: 'sessions' },
  'DEP-4': { title: 'Session off schedule', unit: 'days', below: true },
  'DEP-6': { title: 'More given, no better for it', unit: '×' },
  'DEP-7': { title: 'Craving or other use', unit: '' },
  'DEP-7 craving-vas': { title: 'Craving', unit: 'points' },
  'DEP-9': { title: 'Suicidality', unit: 'points' },
  'DEP-9 ideation': { title: 'Suicidal ideation', unit: 'points' },
  'DEP-9 item-9': { title: 'Thoughts of death (PHQ-9 item 9)', unit: 'points' },
  'DEP-9 suicidal-behaviour': { title: 'Suicidal behaviour', unit: '' },
  'DEP-9 suicide-attempt': { title: 'Suicide attempt', unit: '' },
  'DEP-10': { title: 'Liver enzymes', unit: '× upper limit' },
  'DEP-10 hys-law': { title: "Liver injury (Hy's law)", unit: '× upper limit' },
  'DEP-10 alt': { title: 'ALT raised', unit: '× upper limit' },
  'DEP-10 ast': { title: 'AST raised', unit: '× upper limit' },
  'DEP-10 alp': { title: 'ALP raised', unit: '× upper limit' },
  'DEP-10 ggt': { title: 'GGT raised', unit: '× upper limit' },
  'DQ-1': { title: 'Missed visit', unit: 'days' },
  'URO-1': { title: 'Bladder score over the limit', unit: 'points' },
  'URO-2': { title: 'Bladder score drifts up', unit: 'evidence' },
  'URO-3': { title: 'Urinary symptoms persist', unit: 'days' },
  'URO-4': { title: 'Blood in the urine, retention', unit: '' },
  'URO-4 gross': { title: 'Visible blood in the urine', unit: '' },
  'URO-4 retention': { title: 'Urinary retention', unit: '' },
  'URO-4 micro': { title: 'Microscopic blood in the urine', unit: '' },
  'URO-5': { title: 'Recurrent urinary infections', unit: 'episodes' },
  'URO-6': { title: 'Upper urinary tract', unit: '' },
  'URO-8': { title: 'Interstitial cystitis diagnosed', unit: '' },
};

export function wordsOf(detector: string, statistic: string): Words {
  return words[`${detector} ${statistic}`] ?? words[detector] ?? { title: detector, unit: '' };
}

const instruments: Record<string, string> = {
  moca: 'MoCA', mmse: 'MMSE', 'hvlt-r-total': 'HVLT-R total', 'hvlt-r-delayed': 'HVLT-R delayed', dsst: 'DSST',
  'cogstate-det': 'Cogstate detection', 'cogstate-idn': 'Cogstate identification', 'cogstate-ocl': 'Cogstate one-card learning',
  'cogstate-onb': 'Cogstate one-back', 'cogstate-gmlt': 'Cogstate maze', 'bpic-ss': 'BPIC-SS', icsi: 'ICSI', icpi: 'ICPI',
  ipss: 'IPSS', puf: 'PUF', 'iciq-ui-sf': 'ICIQ-UI SF', 'voids-24h': 'Voids in 24 h', nocturia: 'Nocturia', 'pwc-20': 'PWC-20',
  'craving-vas': 'Craving VAS', 'phq-9': 'PHQ-9', 'phq-9-item-9': 'PHQ-9 item 9', madrs: 'MADRS', 'cgi-s': 'CGI-S',
  'c-ssrs-ideation': 'C-SSRS ideation', 'moaa-s': 'MOAA/S', cadss: 'CADSS',
  'resting-systolic': 'Resting systolic pressure', 'resting-diastolic': 'Resting diastolic pressure',
};
/** A stream is an instrument, at home `moca:home`. */
export function instrumentName(stream: string): string {
  const [name = stream, place] = stream.split(':');
  return (instruments[name] ?? name) + (place === 'home' ? ' at home' : '');
}
const tests: Record<string, string> = {
  '1742-6': 'ALT', '1920-8': 'AST', '6768-6': 'ALP', '2324-2': 'GGT', '1975-2': 'Bilirubin', '2160-0': 'Creatinine',
  '13945-1': 'Red cells in urine',
};
const vitals: Record<string, string> = { spo2: 'Oxygen saturation', 'heart-rate': 'Heart rate', 'moaa-s': 'MOAA/S' };
export function vitalName(name: string): string {
  return vitals[name] ?? instruments[name] ?? name.replace(/-/g, ' ');
}
export function testName(code: string): string {
  return tests[code] ?? code;
}

export const domainNames: Record<string, string> = {
  cardiovascular: 'Blood pressure and heart', cognition: 'Cognition', urological: 'Bladder and kidney', dependence: 'Dose and dependence',
  suicidality: 'Suicidality', hepatic: 'Liver', general: 'Adverse events', 'data-quality': 'Data quality',
};

const isDrift = (detector: string) => detector === 'COG-8' || detector === 'URO-2' || detector === 'BP-7';

/** What a row of a list says: the thing, and how far beyond its limit. */
export function headline(it: Case | Finding): { title: string; detail: string } {
  const { name, value, threshold } = it.statistic;
  const said = wordsOf(it.detector, name);
  let title = said.title;
  if (it.detector === 'AE-1') title = `Serious event: ${name}`;
  if (isDrift(it.detector)) title = `${instrumentName(name)} drifts ${it.detector === 'COG-8' ? 'down' : 'up'}`;
  if (said.unit === '' || value === null) return { title, detail: '' };
  if (it.detector === 'DQ-1') return { title, detail: `none within ${short(value)} days` };
  if (it.detector === 'BP-6') return { title, detail: `${short(value)} ${value === 1 ? 'gap' : 'gaps'}` };
  // At these levels the rule counts sessions, not what was measured in one.
  const counted = (it.detector === 'BP-1' || it.detector === 'BP-4') && threshold !== null && threshold < 10;
  if (counted) return { title, detail: `in ${short(value)} of the last 4 sessions` };
  if (it.detector === 'DEP-4') return { title, detail: it.level === 'alert' ? `${short(value)} in 28 days` : threshold === null ? '' : `${short(value)} days after the last, due from ${short(threshold)}` };
  const limit = threshold === null ? '' : `, limit ${short(threshold)}`;
  const of = said.unit === 'evidence' ? 'evidence ' : '';
  const after = said.unit === 'evidence' ? '' : said.unit === '×' || said.unit === '%' ? ` ${said.unit}` : ` ${said.unit}`;
  return { title, detail: `${of}${short(value)}${limit}${after}` };
}

export const annotationWords: Record<string, string> = {
  'baseline-missing': 'There is no value before the first session to compare with.',
  'single-reading-baseline': 'The baseline is one value only.',
  'baseline-after-exposure': 'The baseline was taken after the first session.',
  'age-unknown': 'No birth year is known: the stricter limits of the young were taken.',
  'protocol-driven': 'More was given because scores had become worse, as the protocol says.',
  'within-label': 'The dose rose within the limit of the label.',
  'culture-positive': 'A positive culture may explain it.',
  'no-culture': 'Nobody has looked for an infection.',
  anticoagulant: 'An active anticoagulant may explain the bleeding.',
  'default-upper-limit': 'The laboratory gave no upper limit; the usual one was taken.',
  'no-pre': 'No pressure before the dose.',
  'no-peak': 'No pressure 25 to 60 minutes after the dose.',
  'no-discharge': 'No pressure before leaving.',
  'monitored-short': 'Monitored for less than 120 minutes.',
  'phase-contradicts-clock': 'A stated phase contradicts the time of the reading.',
  'site-changed': 'The site changed between values.',
  'form-changed': 'Different forms of the test were used.',
};
export function annotation(name: string): string {
  return annotationWords[name] ?? name.replace(/-/g, ' ');
}

export const reasonWords: Record<string, string> = {
  new: 'raised', level: 'level changed', evidence: 'other facts or numbers', time: 'only time has passed',
  configuration: 'the configuration was changed', superseded: 'later data show that the rule does not hold',
  retracted: 'the facts it rested on were withdrawn', merged: 'became part of another case',
};
export const stateWords: Record<string, string> = {
  open: 'The condition has not cleared, or the occasion is less than 30 days old.',
  resolved: 'It cleared, or 30 days have passed. It does not mean that somebody has dealt with it.',
  superseded: 'Later data show that the rule does not hold.',
  retracted: 'All the facts it rested on were withdrawn.',
  merged: 'It has become part of another case.',
};
export const levelWords: Record<string, string> = {
  critical: 'an absolute limit that needs no baseline', alert: 'confirmed or severe', watch: 'worth following', info: 'for the record',
};
