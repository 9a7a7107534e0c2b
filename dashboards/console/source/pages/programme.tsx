import { Page } from '../parts/page';
export function ProgrammePage() { return <Page title="Programme">soon</Page>; }
