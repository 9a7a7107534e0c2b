// Levels, states and trends as shape and word; colour comes third.

import type { ComponentChildren } from 'preact';
import type { Case, CaseState, Level } from '../api';
import { levelWords, stateWords } from '../words/detectors';
import { moment, short } from '../words/format';

const shapes: Record<Level, ComponentChildren> = {
  critical: <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5zM8 4v5M8 11v1" class="shape-cut" />,
  alert: <path d="M8 1.5 15.2 14.5H.8zM8 6v4M8 11.6v1" class="shape-cut" />,
  watch: <path d="M1.6 8C4.6 3 11.4 3 14.4 8 11.4 13 4.6 13 1.6 8zM8 5.9a2.1 2.1 0 1 0 .01 0" class="shape-line" />,
  info: <path d="M8 2a6 6 0 1 0 .01 0M8 7.2V11M8 4.8v.4" class="shape-line" />,
};

export function LevelSign({ level, word = true }: { level: Level; word?: boolean }) {
  return (
    <span class={`level level-${level}`} title={`${level}: ${levelWords[level]}`}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">{shapes[level]}</svg>
      <span class={word ? '' : 'hidden'}>{level}</span>
    </span>
  );
}

const marks: Record<CaseState, string> = { open: '●', resolved: '✓', superseded: '↻', retracted: '⌫', merged: '⇥' };
export function StateSign({ state }: { state: CaseState }) {
  return (
    <span class={`state state-${state}`} title={stateWords[state]}>
      <span aria-hidden="true">{marks[state]} </span>
      {state}
    </span>
  );
}

export function Unverified({ is }: { is: boolean }) {
  if (!is) return null;
  return (
    <span class="chip chip-doubt" title="Rests on a value that is preliminary, in conflict, or in quarantine. No reason to wait: find out whether it is true.">
      <span aria-hidden="true">? </span>unverified
    </span>
  );
}

export function Time({ at, dayOnly = false }: { at: string; dayOnly?: boolean }) {
  const text = moment(at);
  return <time dateTime={at} title={at}>{dayOnly ? text.split(',')[0] : text}</time>;
}

/** The statistic of the last revisions against its limit: a line, or one mark. */
export function Sparkline({ of }: { of: Case }) {
  const { threshold } = of.statistic;
  const values = of.trend;
  if (values.length === 0) return <span class="quiet">–</span>;
  const width = 72;
  const height = 22;
  const low = Math.min(...values, threshold ?? Infinity);
  const high = Math.max(...values, threshold ?? -Infinity);
  const y = (value: number) => (high === low ? height / 2 : height - 3 - ((value - low) / (high - low)) * (height - 6));
  const x = (index: number) => (values.length === 1 ? width - 5 : 3 + (index / (values.length - 1)) * (width - 8));
  const last = values[values.length - 1] as number;
  const label = `${values.length === 1 ? 'value' : 'last values'} ${values.map(short).join(', ')}${threshold === null ? '' : `; limit ${short(threshold)}`}`;
  return (
    <svg class={`spark level-${of.level}`} viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={label}>
      <title>{label}</title>
      {threshold !== null && <path class="spark-limit" d={`M0 ${y(threshold)}H${width}`} />}
      {values.length > 1 && <path class="spark-line" d={values.map((value, i) => `${i ? 'L' : 'M'}${x(i).toFixed(1)} ${y(value).toFixed(1)}`).join('')} />}
      <circle class="spark-last" cx={x(values.length - 1)} cy={y(last)} r="2.6" />
    </svg>
  );
}

export function Icon({ name }: { name: keyof typeof icons }) {
  return <svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d={icons[name]} /></svg>;
}
const icons = {
  today: 'M3 10a7 7 0 1 0 14 0 7 7 0 0 0-14 0M10 6v4l2.6 1.8',
  cases: 'M3 5h2M8 5h9M3 10h2M8 10h9M3 15h2M8 15h9',
  programme: 'M3 17V3M3 17h14M7 13.5V10M11 13.5V6M15 13.5V8.5',
  feeds: 'M3 17a1 1 0 1 0 .01 0M3 10.5A6.5 6.5 0 0 1 9.500 17M3 4.500A12.500 12.500 0 0 1 15.500 17',
  search: 'M9 3.500a5.500 5.500 0 1 0 .01 0M13 13l4.500 4.500',
  theme: 'M10 3a7 7 0 1 0 .01 0M10 3v14M10 6.500h4M10 10h6M10 13.500h5',
  keys: 'M2 5h16v10H2zM5 8.500h1M9.500 8.500h1M14 8.500h1M6 12h8',
  out: 'M8 3H3v14h5M8 10h9M13.500 6.500 17 10l-3.500 3.500',
  back: 'M9 4.500 3.500 10 9 15.500M3.500 10H17',
  copy: 'M7 7h10v10H7zM13 7V3H3v10h4',
} as const;
