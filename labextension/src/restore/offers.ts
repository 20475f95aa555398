/** What can be brought back into a notebook, what was, and who tells a person. */
import type { SessionExportError } from '../errors';
import type { IRun } from './contract';

/** What is done with what the record has and a page has not. */
export type Mode = 'ask' | 'always' | 'never';

/** What can be brought back. */
export interface IOffer {
  sure: IRun[];
  /** Where the page may show more, or a later run that wasn't recorded. */
  unsure: IRun[];
  /** So many cells have other code by now. */
  changed: number;
}

export interface IOutcome {
  /** The runs whose outputs are back. */
  restored: IRun[];
  /** So many cells have other code by now, and were left alone. */
  changed: number;
  error: SessionExportError | null;
}

/** Who tells a person, and asks. */
export interface ITells {
  offer(offer: IOffer): void;
  nothing(changed: number): void;
  restored(outcome: IOutcome): void;
  failed(error: SessionExportError): void;
  /** A cell shows something else now: what was offered for it is out of date. */
  withdraw(cellId: string): void;
}
