import { useState } from 'preact/hooks';
import { Icon } from './signs';

const saidMs = 2000;

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [said, setSaid] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('copied');
    } catch {
      // Without a secure address the browser forbids it; the text can still be selected.
      setSaid('select it and copy');
    }
    window.setTimeout(() => setSaid(''), saidMs);
  };
  return (
    <button type="button" class="button-copy" onClick={() => void copy()} aria-label={`Copy ${what}`}>
      <Icon name="copy" /> <span role="status">{said || 'Copy'}</span>
    </button>
  );
}
