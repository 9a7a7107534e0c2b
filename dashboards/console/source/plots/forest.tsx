// Rates with their intervals, one under the other on one axis.

import { number, short } from '../words/format';
import type { Level } from '../api';

export interface Rate { name: string; level: Level; value: number; lower: number; upper: number }

const rowHeight = 30;
const width = 520;
const left = 8;

export function Forest({ rates, unit }: { rates: Rate[]; unit: string }) {
  if (rates.length === 0) return null;
  const most = Math.max(...rates.map((rate) => rate.upper), 1e-9);
  const step = stepOf(most);
  const top = Math.ceil(most / step) * step;
  const x = (value: number) => left + (value / top) * (width - 2 * left);
  const height = rates.length * rowHeight + 26;
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, i) => i * step);
  return (
    <div class="forest">
      <ul class="forest-names" aria-hidden="true">{rates.map((rate) => <li key={rate.name} style={{ height: `${rowHeight}px` }}>{rate.name}</li>)}</ul>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" height={height} role="img" aria-label={`Rates ${unit}, with intervals of 95 %: ${rates.map((rate) => `${rate.name} ${short(rate.value)}, ${short(rate.lower)} to ${short(rate.upper)}`).join('; ')}`}>
        {ticks.map((tick) => <g key={tick}><path class="lane-grid" d={`M${x(tick)} 0V${height - 24}`} /></g>)}
        {rates.map((rate, i) => {
          const y = i * rowHeight + rowHeight / 2;
          return (
            <g key={rate.name} class={`level-${rate.level}`}>
              <path class="forest-line" d={`M${x(rate.lower)} ${y}H${x(rate.upper)}M${x(rate.lower)} ${y - 5}v10M${x(rate.upper)} ${y - 5}v10`} />
              <path class="marks" d={`M${x(rate.value)} ${y}h0`} />
              <title>{`${rate.name}: ${short(rate.value)} (${short(rate.lower)} to ${short(rate.upper)})`}</title>
            </g>
          );
        })}
      </svg>
      <div class="forest-axis" aria-hidden="true">{ticks.map((tick) => <span key={tick} style={{ left: `${(x(tick) / width) * 100}%` }}>{number(tick, 3)}</span>)}<em>{unit}</em></div>
    </div>
  );
}
function stepOf(most: number): number {
  const rough = most / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const lead = rough / power;
  return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power;
}
