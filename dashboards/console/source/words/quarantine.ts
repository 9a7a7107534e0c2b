// Why an event stands in quarantine, in plain words.

const words: Record<string, string> = {
  malformed: 'it could not be read at all',
  missing: 'something needed was not there',
  type: 'a value was of the wrong kind',
  implausible: 'a value was out of any plausible range',
  future: 'it claims to be true of a time after it was recorded',
  clock: "its sender's clock is ahead",
};
export function quarantineReason(reason: string): string {
  if (words[reason]) return words[reason];
  return reason.startsWith('unknown-') ? `its ${reason.slice(8).replace(/-/g, ' ')} is not one that is known` : reason;
}
export const outcomes: Record<string, string> = {
  accepted: 'It is understood now, and counts.',
  duplicate: 'It is understood now, and was known already: it counts once.',
  conflict: 'It is understood now, but another content of the same version is known: both are shown.',
  quarantined: 'It still cannot be understood.',
  discarded: 'It is set aside, and counts no more.',
  'in-the-log': 'The decision is in the log; the worker that has this shard carries it out in a moment.',
};
