import { Page } from '../parts/page';
export function QuarantinePage({ id }: { id: string }) { return <Page title={id}>soon</Page>; }
