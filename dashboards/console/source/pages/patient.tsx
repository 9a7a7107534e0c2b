import { Page } from '../parts/page';
export function PatientPage({ id }: { id: string }) { return <Page title={id}>soon</Page>; }
