/** The routes that the sidebar calls. */
import { URLExt } from '@jupyterlab/coreutils';
import type { ServerConnection } from '@jupyterlab/services';

import type { IExportJob, ILedger } from '../api';
import { requestAPI, SessionExportApi, understood } from '../api';
import { xsrfToken } from '../xsrf';
import type {
  IOwnFile,
  IRemoved,
  ISession,
  ISessionPage,
  IStats,
  PurgeScope
} from './contract';

const NAMESPACE = 'session-export/api';

/** How many exports are asked for. */
const MOST_EXPORTS = 20;

/** What can be asked of sessions. Every method rejects with a SessionExportError. */
export interface ISessionsApi {
  sessions(limit: number): Promise<ISessionPage>;
  stats(id: string): Promise<IStats>;
  files(id: string): Promise<IOwnFile[]>;
  setSessionRecording(id: string, state: 'on' | 'paused'): Promise<void>;
  purge(id: string, scope: PurgeScope): Promise<IRemoved>;
  end(id: string, shutDownKernels: boolean): Promise<void>;
  remove(id: string): Promise<void>;
  deleteFile(id: string, path: string): Promise<void>;
  fileUrl(id: string, path: string): string;
  filesUrl(id: string, category: string): string;
}

/** What can be asked of exports. Every method rejects with a SessionExportError. */
export interface IExportsApi {
  exports(): Promise<IExportJob[]>;
  leftOut(id: string, offset: number, limit: number): Promise<ILedger>;
  cancel(id: string): Promise<void>;
  downloadUrl(id: string): string;
}

export class SidebarApi implements ISessionsApi, IExportsApi {
  constructor(private readonly settings: ServerConnection.ISettings) {
    this._exports = new SessionExportApi(settings);
  }

  async sessions(limit: number): Promise<ISessionPage> {
    const page = await this._ask<ISessionPage>(`sessions?limit=${limit}`);
    const sessions = page.sessions.map(session => known(session));
    return { sessions, total: page.total };
  }

  stats(id: string): Promise<IStats> {
    return this._ask(`${session(id)}/stats`);
  }

  async files(id: string): Promise<IOwnFile[]> {
    return (await this._ask<{ files: IOwnFile[] }>(`${session(id)}/files`)).files;
  }

  async setSessionRecording(id: string, state: 'on' | 'paused'): Promise<void> {
    await this._ask(`${session(id)}/recording`, post({ state }));
  }

  async purge(id: string, scope: PurgeScope): Promise<IRemoved> {
    const answer = await this._ask<{ removed: IRemoved }>(`${session(id)}/records`, {
      method: 'DELETE',
      body: JSON.stringify(scope)
    });
    return answer.removed;
  }

  async end(id: string, shutDownKernels: boolean): Promise<void> {
    await this._ask(`${session(id)}/end`, post({ shutdown_kernels: shutDownKernels }));
  }

  async remove(id: string): Promise<void> {
    await this._ask(session(id), { method: 'DELETE' });
  }

  async deleteFile(id: string, path: string): Promise<void> {
    await this._ask(`${session(id)}/files/${escaped(path)}`, { method: 'DELETE' });
  }

  fileUrl(id: string, path: string): string {
    return this._url(`${session(id)}/files/${escaped(path)}`);
  }

  filesUrl(id: string, category: string): string {
    return this._url(`${session(id)}/files/download`, { category });
  }

  exports(): Promise<IExportJob[]> {
    return this._exports.exports(MOST_EXPORTS);
  }

  leftOut(id: string, offset: number, limit: number): Promise<ILedger> {
    return this._exports.ledger(id, limit, offset);
  }

  cancel(id: string): Promise<void> {
    return this._exports.cancel(id);
  }

  downloadUrl(id: string): string {
    return this._exports.downloadUrl(id);
  }

  /** A link sends no header: the XSRF token goes into the query where there is one. */
  private _url(endPoint: string, query: Record<string, string> = {}): string {
    const token = xsrfToken();
    const all = token === null ? query : { ...query, _xsrf: token };
    return (
      URLExt.join(this.settings.baseUrl, NAMESPACE, endPoint) +
      URLExt.objectToQueryString(all)
    );
  }

  private _ask<T>(endPoint: string, init: RequestInit = {}): Promise<T> {
    return requestAPI<T>(endPoint, this.settings, init);
  }

  private readonly _exports: SessionExportApi;
}

/** A newer server may know states of a recording that this front end doesn't. */
function known(session: ISession): ISession {
  return { ...session, recording: understood(session) };
}

function session(id: string): string {
  return `sessions/${encodeURIComponent(id)}`;
}

/** A path as the server takes it: each name escaped, the slashes kept. */
function escaped(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function post(body: object): RequestInit {
  return { method: 'POST', body: JSON.stringify(body) };
}
