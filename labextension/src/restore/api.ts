/** The routes that restoring calls. */
import { URLExt } from '@jupyterlab/coreutils';
import type { ServerConnection } from '@jupyterlab/services';

import { requestAPI } from '../api';
import type { IDeletedCell, IRun, IRunOutputs, IRunsPage } from './contract';

/** How many runs of one cell are asked for at once. */
const PAGE = 50;

/** What can be asked of recorded runs. Every method rejects with a SessionExportError. */
export interface IRunsApi {
  /** The newest run of each cell of a notebook. */
  cells(path: string): Promise<IRun[]>;
  outputs(run: Pick<IRun, 'session_id' | 'number'>): Promise<IRunOutputs>;
  /** The runs of one cell; `before` is the `next` of the page before. */
  runs(path: string, cellId: string, before?: string): Promise<IRunsPage>;
  /** Cells that ran and are not among those that are present. */
  deleted(path: string, present: readonly string[]): Promise<IDeletedCell[]>;
}

export class RunsApi implements IRunsApi {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  async cells(path: string): Promise<IRun[]> {
    const query = URLExt.objectToQueryString({ path });
    return (await this._ask<{ cells: IRun[] }>(`session/cells${query}`)).cells;
  }

  outputs({
    session_id,
    number
  }: Pick<IRun, 'session_id' | 'number'>): Promise<IRunOutputs> {
    const session = encodeURIComponent(session_id);
    return this._ask(`sessions/${session}/executions/${String(number)}/outputs`);
  }

  runs(path: string, cellId: string, before?: string): Promise<IRunsPage> {
    const query = URLExt.objectToQueryString({
      path,
      cell_id: cellId,
      limit: PAGE,
      ...(before !== undefined && { before })
    });
    return this._ask(`session/cells/runs${query}`);
  }

  async deleted(path: string, present: readonly string[]): Promise<IDeletedCell[]> {
    const answer = await this._ask<{ cells: IDeletedCell[] }>('session/cells/deleted', {
      method: 'POST',
      body: JSON.stringify({ path, present })
    });
    return answer.cells;
  }

  private _ask<T>(endPoint: string, init: RequestInit = {}): Promise<T> {
    return requestAPI<T>(endPoint, this.settings, init);
  }
}
