// What every page begins with: a title for the window and for the ear, and the moment it speaks of.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

let programme = '';
export function setProgramme(name: string): void {
  programme = name;
}

interface PageProps {
  title: string;
  name?: string;  // of the window, where the title would be too long
  above?: ComponentChildren;
  beside?: ComponentChildren;
  wide?: boolean;
  children: ComponentChildren;
}
export function Page({ title, name, above, beside, wide, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${name ?? title} · Ketavigil${programme ? ` · ${programme}` : ''}`;
  }, [name, title]);
  // A new page is read from its heading on; the first one leaves the focus where the browser put it.
  useEffect(() => {
    if (arrived) heading.current?.focus({ preventScroll: true });
    arrived = true;
  }, []);
  return (
    <div class={wide ? 'page page-wide' : 'page'}>
      <header class="page-head">
        <div>
          {above}
          <h1 ref={heading} tabIndex={-1}>{title}</h1>
        </div>
        {beside !== undefined && <div class="page-beside">{beside}</div>}
      </header>
      {children}
    </div>
  );
}
let arrived = false;

export function Section({ title, note, children, id }: { title: string; note?: ComponentChildren; children: ComponentChildren; id?: string }) {
  return (
    <section class="section" aria-label={title} id={id}>
      <div class="section-head"><h2>{title}</h2>{note !== undefined && <div class="quiet">{note}</div>}</div>
      {children}
    </section>
  );
}
