// Numbers with their unit, times with their zone.

import type { Instant, Plain } from '../api';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n: number) => String(n).padStart(2, '0');

export function milliseconds(time: string): number {
  return Date.parse(time);
}
export function seconds(time: string): number {
  return Date.parse(time) / 1000;
}

/** "4 Jul 2023": the day in UTC. */
export function day(time: string | number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return String(time);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}
/** "13:48". */
export function clock(time: string | number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return '';
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}
/** "4 Jul 2023, 13:48 UTC". */
export function moment(time: string | number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return String(time);
  return `${day(time)}, ${clock(time)} UTC`;
}
/** "Jul 2023" of "2023-07". */
export function month(text: string): string {
  const [year, number] = text.split('-');
  return `${months[Number(number) - 1] ?? number} ${year}`;
}
export function isoDay(time: string | number): string {
  return new Date(time).toISOString().slice(0, 10);
}

const dayMs = 86_400_000;
/** "3 days", "5 hours": how much lies between. */
export function span(ms: number): string {
  const size = Math.abs(ms);
  const say = (n: number, unit: string) => `${n} ${unit}${n === 1 ? '' : 's'}`;
  if (size < 60_000) return 'less than a minute';
  if (size < 3_600_000) return say(Math.floor(size / 60_000), 'minute');
  if (size < dayMs) return say(Math.floor(size / 3_600_000), 'hour');
  if (size < 60 * dayMs) return say(Math.floor(size / dayMs), 'day');
  if (size < 730 * dayMs) return say(Math.floor(size / (30.44 * dayMs)), 'month');
  return say(Math.floor(size / (365.25 * dayMs)), 'year');
}
export function ago(time: Instant, at: Instant): string {
  const ms = milliseconds(at) - milliseconds(time);
  return ms < 0 ? `${span(ms)} ahead` : `${span(ms)} ago`;
}
export function hours(n: number): string {
  if (n < 1) return `${Math.round(n * 60)} min`;
  if (n < 48) return `${number(n, 1)} h`;
  return `${number(n / 24, 1)} days`;
}

/** Grouped by thousands, with at most so many digits after the point. */
export function number(value: number, digits = 2): string {
  return value.toLocaleString('en-GB', { maximumFractionDigits: digits });
}
/** Shown to three or four significant digits; the exact number stands in the title of the element. */
export function short(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e9) return number(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(2).replace('e', ' × 10^').replace('+', '');
  return number(value, size >= 100 ? 1 : size >= 1 ? 2 : 3);
}
export function count(n: number, one: string, many = `${one}s`): string {
  return `${number(n)} ${n === 1 ? one : many}`;
}

/** UCUM as people write it. */
const unitNames: Record<string, string> = {
  'mm[Hg]': 'mmHg', Cel: '°C', '/min': 'per minute', d: 'days', wk: 'weeks', h: 'hours', a: 'years', '1': '',
  'umol/L': 'µmol/L', '/[HPF]': 'cells per field', '%': '%',
};
export function unit(code: string | undefined): string {
  if (code === undefined) return '';
  // UCUM says in braces what is counted.
  return unitNames[code] ?? code.replace(/^\{score\}$/, 'points').replace(/[{}]/g, '');
}

/** The units that end a name, the longer before those that they end with. */
const unitSuffixes: [string, string][] = [
  ['_mg_iv_equivalent', 'mg'], ['_mg_per_kg', 'mg/kg'], ['_per_min', 'per minute'], ['_per_hpf', 'cells per field'], ['_mg_dl', 'mg/dL'],
  ['_umol_l', 'µmol/L'], ['_mmhg', 'mmHg'], ['_points', 'points'], ['_percent', '%'], ['_hours', 'hours'], ['_days', 'days'], ['_min', 'min'],
  ['_kg', 'kg'], ['_mg', 'mg'],
];
const unitSuffix = (name: string) => unitSuffixes.find(([suffix]) => name.endsWith(suffix));
/** Names that say their unit otherwise. */
const unitWords: [RegExp, string][] = [
  [/(systolic|diastolic)/, 'mmHg'], [/^days_/, 'days'], [/^minutes$/, 'min'], [/^(moca|drop|corrected|baseline_mean|benefit)$|_score$/, 'points'],
  [/_multiple$|^multiple$/, '× upper limit'], [/_sessions$|^sessions$|sessions_/, 'sessions'], [/_values$|^values_/, 'values'],
];
/** The unit that the name of a step or a parameter says. */
export function unitOf(name: string): string {
  if (/^(values|first|last)_(systolic|diastolic)$/.test(name)) return name.startsWith('values') ? 'values' : '';
  return unitSuffix(name)?.[1] ?? unitWords.find(([pattern]) => pattern.test(name))?.[1] ?? '';
}

/** `baseline_mean` as "baseline mean", without the unit that `unitOf` says; single letters and the mathematics' own names stay. */
export function nameOf(name: string): string {
  const suffix = unitSuffix(name)?.[0] ?? '';
  const rest = name.slice(0, name.length - suffix.length).replace(/_/g, ' ').trim();
  return suffix === '_mg_iv_equivalent' ? `${rest} (IV equivalent)` : rest;
}

const instant = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/;
export function plain(value: Plain): string {
  if (value === null) return 'not known';
  if (typeof value === 'number') return short(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return instant.test(value) ? moment(value) : value;
}
