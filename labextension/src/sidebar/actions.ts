/** What a person does to a session: asks back where something would be lost, then tells. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal, type ISignal } from '@lumino/signaling';

import { SessionExportError } from '../errors';
import { failureText, sizeText } from '../texts';
import type { ISessionsApi } from './api';
import type { IOwnFile, ISession, PurgeScope } from './contract';
import type { SessionsModel } from './sessions';

/** The server's word for a session that can't end yet. */
const KERNELS_RUNNING = 'KERNELS_RUNNING';

export interface IQuestion {
  title: string;
  lines: string[];
  /** The word on the button that does it. */
  action: string;
}

/** How a person is asked. */
export interface IAsk {
  confirm(question: IQuestion): Promise<boolean>;
  /** What to remove of a session's record; null for nothing. */
  purge(session: ISession): Promise<PurgeScope | null>;
}

/** The last word on what was done. */
export interface INote {
  kind: 'done' | 'failed';
  text: string;
}

export class SessionActions {
  constructor(
    private readonly api: ISessionsApi,
    private readonly model: SessionsModel,
    private readonly ask: IAsk,
    private readonly trans: TranslationBundle
  ) {}

  get note(): INote | null {
    return this._note;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Something is being done to this session. */
  isBusy(id: string): boolean {
    return this._busy.has(id);
  }

  dismiss(): void {
    this._tell(null);
  }

  /** Tell of something that failed elsewhere. */
  fail(reason: unknown): void {
    const error = SessionExportError.from(reason);
    this._tell({ kind: 'failed', text: failureText(error, this.trans) });
  }

  toggleRecording(session: ISession): Promise<void> {
    const wanted = session.recording.state === 'on' ? 'paused' : 'on';
    return this._do(session, async () => {
      await this.api.setSessionRecording(session.id, wanted);
      return wanted === 'on'
        ? this.trans.__('Session %1 is recorded again.', session.number)
        : this.trans.__(
            'Session %1 is paused: what runs now is not kept.',
            session.number
          );
    });
  }

  async purge(session: ISession): Promise<void> {
    const scope = await this.ask.purge(session);
    if (scope === null) {
      return;
    }
    await this._do(session, async () => {
      const removed = await this.api.purge(session.id, scope);
      return this.trans._n(
        'Removed %1 execution (%2).',
        'Removed %1 executions (%2).',
        removed.executions,
        sizeText(removed.bytes)
      );
    });
  }

  /** End a session. Where its kernels run it says which, and shuts them down. */
  async end(session: ISession): Promise<void> {
    const { trans } = this;
    const running = session.kernels.length > 0;
    const agreed = await this.ask.confirm({
      title: trans.__('End session %1?', session.number),
      lines: running ? this._kernelLines(session) : this._endLines(),
      action: running ? trans.__('Shut Down and End') : trans.__('End Session')
    });
    if (agreed) {
      await this._do(session, () => this._end(session, running));
    }
  }

  async remove(session: ISession): Promise<void> {
    const { trans } = this;
    const { counts, bytes } = session;
    const agreed = await this.ask.confirm({
      title: trans.__('Remove session %1?', session.number),
      lines: [
        counts === null
          ? trans.__('All that was recorded goes, and the files of the session.')
          : trans._n(
              '%1 recorded execution goes, and the files that the session has of its own.',
              '%1 recorded executions go, and the files that the session has of its own.',
              counts.executions
            ),
        ...(bytes === null ? [] : [trans.__('Size: %1', sizeText(bytes))]),
        trans.__('Notebooks and other files of yours stay. This cannot be undone.')
      ],
      action: trans.__('Remove')
    });
    if (agreed) {
      await this._do(session, async () => {
        await this.api.remove(session.id);
        return trans.__('Session %1 was removed.', session.number);
      });
    }
  }

  async deleteFile(session: ISession, file: IOwnFile): Promise<void> {
    const { trans } = this;
    const agreed = await this.ask.confirm({
      title: trans.__('Delete this file?'),
      lines: [
        trans.__('%1 (%2)', file.path, sizeText(file.bytes)),
        trans.__('It belongs to session %1. This cannot be undone.', session.number)
      ],
      action: trans.__('Delete')
    });
    if (agreed) {
      await this._do(session, async () => {
        await this.api.deleteFile(session.id, file.path);
        return trans.__('%1 was deleted.', file.path);
      });
    }
  }

  /** A kernel may have been started since the question: then it is asked once more. */
  private async _end(session: ISession, shutDown: boolean): Promise<string | null> {
    const { trans } = this;
    try {
      await this.api.end(session.id, shutDown);
    } catch (reason) {
      const error = SessionExportError.from(reason);
      if (shutDown || error.code !== KERNELS_RUNNING) {
        throw reason;
      }
      const agreed = await this.ask.confirm({
        title: trans.__('Shut down the kernels of session %1?', session.number),
        lines: [
          error.message,
          trans.__('What they hold in memory is lost.'),
          '',
          ...this._endLines()
        ],
        action: trans.__('Shut Down and End')
      });
      if (!agreed) {
        return null;
      }
      await this.api.end(session.id, true);
    }
    return trans.__('Session %1 has ended.', session.number);
  }

  private _kernelLines(session: ISession): string[] {
    const { trans } = this;
    const kernels = session.kernels.map(({ name, notebook }) =>
      notebook === null ? `• ${name}` : trans.__('• %1 of %2', name, notebook)
    );
    return [
      trans.__('These kernels are shut down; what they hold in memory is lost:'),
      ...kernels,
      '',
      ...this._endLines()
    ];
  }

  private _endLines(): string[] {
    return [
      this.trans.__(
        'What was recorded can still be downloaded. Exports of the session that are running stop. What you run next belongs to a new session.'
      )
    ];
  }

  private async _do(
    session: ISession,
    work: () => Promise<string | null>
  ): Promise<void> {
    if (this._busy.has(session.id)) {
      return;
    }
    this._busy.add(session.id);
    this._tell(null);
    try {
      const text = await work();
      this._tell(text === null ? null : { kind: 'done', text });
    } catch (reason) {
      this.fail(reason);
    } finally {
      await this.model.renew();
      this._busy.delete(session.id);
      this._changed.emit();
    }
  }

  private _tell(note: INote | null): void {
    this._note = note;
    this._changed.emit();
  }

  private readonly _busy = new Set<string>();
  private _changed = new Signal<this, void>(this);
  private _note: INote | null = null;
}
