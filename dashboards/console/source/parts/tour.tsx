// The first visit: five short steps, each pointing at something on the page that is there, none in the way.

import { useEffect, useState } from 'preact/hooks';
import { setGuided, wasGuided } from '../visit';

const steps: { at: string; title: string; text: string }[] = [
  { at: 'since', title: 'This is your morning', text: 'Today shows what is new, worse, better and withdrawn since you last looked. “I have seen this” starts the count anew.' },
  { at: 'levels', title: 'Four levels, four shapes', text: 'Critical is an absolute limit. Alert is confirmed or severe, watch is worth following, info is for the record. Unverified means: find out whether the value is true.' },
  { at: 'critical', title: 'A case explains itself', text: 'Open one: the reason in a sentence, the plot that shows it, the calculation with its sources, and how it came to be.' },
  { at: 'cases', title: 'Any day can be looked at again', text: 'A case leads to its patient. The slider there shows what was known on any day. Every address can be sent to a colleague.' },
  { at: 'feeds', title: 'Is something missing?', text: 'Feeds shows who has fallen silent, and what waits in quarantine. Press ? for the keys: nothing here needs a mouse.' },
];

let begin: () => void = () => {};
export function startTour(): void {
  begin();
}

export function Tour() {
  const [step, setStep] = useState<number | null>(() => (wasGuided() ? null : 0));
  begin = () => setStep(0);
  const here = step === null ? undefined : steps[step];
  useEffect(() => {
    if (!here) return;
    let marked: Element | null = null;
    const mark = () => {
      const target = document.querySelector(`[data-tour="${here.at}"]`);
      if (target === marked) return;
      marked?.classList.remove('tour-target');
      target?.classList.add('tour-target');
      marked = target;
    };
    mark();
    // The page may still be loading what this step points at.
    const timer = window.setInterval(mark, 300);
    return () => {
      window.clearInterval(timer);
      marked?.classList.remove('tour-target');
    };
  }, [here]);
  if (step === null || !here) return null;
  const end = () => {
    setGuided();
    setStep(null);
  };
  const last = step === steps.length - 1;
  return (
    <aside class="tour" aria-label="A short guide">
      <p class="quiet small" aria-live="polite">Step {step + 1} of {steps.length}</p>
      <h2>{here.title}</h2>
      <p>{here.text}</p>
      <p class="dialog-foot">
        <button type="button" class="button-quiet" onClick={end}>{last ? 'Done' : 'Skip'}</button>
        {step > 0 && <button type="button" class="button-quiet" onClick={() => setStep(step - 1)}>Back</button>}
        {!last && <button type="button" class="button-main" onClick={() => setStep(step + 1)}>Next</button>}
      </p>
    </aside>
  );
}
