/** The record of one notebook: its newest runs, and what one has put out so far or in all. */
import type { IRunsApi } from './api';
import type { IPosition, IRun, IRunOutputs } from './contract';
import type { Pause } from './pause';

/** How often a run that is over is asked for until it is settled, and every how many milliseconds. */
const LOOKS = 10;
const SETTLING = 300;

export class NotebookRecord {
  constructor(
    private readonly api: Pick<IRunsApi, 'cells' | 'outputs'>,
    private readonly path: () => string,
    private readonly pause: Pause
  ) {}

  /** The newest run of each cell. */
  runs(): Promise<IRun[]> {
    return this.api.cells(this.path());
  }

  outputs(run: IRun): Promise<IRunOutputs> {
    return this.api.outputs(run);
  }

  /** What a run has put out so far; what waits for its kernel has no number to ask by. */
  async soFar(run: IRun): Promise<IRunOutputs> {
    if (run.number !== null) {
      return this.api.outputs(run);
    }
    const now = await this._now(run);
    return now && now.number !== null ? this.api.outputs(now) : nothing(now ?? run);
  }

  /** What a run that is over has put out, once the record has all of it, or doesn't get there. */
  async final(run: IRun): Promise<IRunOutputs> {
    for (let looks = LOOKS; looks > 0; looks--) {
      const now = await this._now(run);
      if (!now || now.outputs !== null || now.status === 'aborted') {
        break;
      }
      await this.pause(SETTLING);
    }
    return this.soFar(run);
  }

  private async _now({ msg_id }: IRun): Promise<IRun | undefined> {
    return (await this.runs()).find(run => run.msg_id === msg_id);
  }
}

const BEGINNING: IPosition = {
  messages: [],
  oldest_date: null,
  cursor: null,
  clear_pending: false
};

/** A run that has not begun. */
function nothing(run: IRun): IRunOutputs {
  return { run, outputs: [], metadata: {}, position: BEGINNING };
}
