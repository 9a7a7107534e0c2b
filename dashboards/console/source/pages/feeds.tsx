import { Page } from '../parts/page';
export function FeedsPage() { return <Page title="Feeds">soon</Page>; }
