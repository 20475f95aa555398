/** The sidebar "Sessions": looks while it is seen, asks nothing while it is hidden. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Signal, type ISignal } from '@lumino/signaling';
import React from 'react';

import type { IExportJob } from '../api';
import { startDownload } from '../download';
import { sessionsIcon } from '../icons';
import type { RecordingModel } from '../recording';
import { SessionActions, type IAsk } from './actions';
import { Announcer } from './announcer';
import type { IExportsApi, ISessionsApi } from './api';
import type { ISession } from './contract';
import { ExportsModel } from './exports';
import { PanelView } from './panelView';
import { SessionsModel } from './sessions';
import { announcementText } from './texts';
import { Watch } from './watch';

/** Milliseconds between two looks at the sessions. */
const INTERVAL = 5_000;

/** The page's own way to export, of which there is one at a time. */
export interface IExporter {
  readonly isEnabled: boolean;
  readonly changed: ISignal<unknown, unknown>;
  start(request: { session_id: string; include: string[]; compression: string }): void;
}

export interface IPanelOptions {
  api: ISessionsApi & IExportsApi;
  ask: IAsk;
  exporter: IExporter;
  recording: RecordingModel;
  trans: TranslationBundle;
}

export class SessionsPanel extends ReactWidget {
  constructor(private readonly options: IPanelOptions) {
    super();
    const { api, ask, exporter, recording, trans } = options;
    this.id = 'jp-SessionExport-panel';
    this.addClass('jp-SessionExport-panel');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Sessions'));
    this.title.caption = trans.__('Sessions');
    this.title.icon = sessionsIcon;
    this._sessions = new SessionsModel(api);
    this._exports = new ExportsModel(api);
    this._actions = new SessionActions(api, this._sessions, ask, trans);
    const isSeen = () => this.isVisible && document.visibilityState !== 'hidden';
    this._watches = [
      new Watch({
        name: 'sessions',
        look: () => look(this._sessions),
        interval: () => INTERVAL,
        isSeen
      }),
      new Watch({
        name: 'exports',
        look: () => look(this._exports),
        interval: () => this._exports.interval,
        isSeen
      })
    ];
    this._sessions.changed.connect(this.update, this);
    this._exports.changed.connect(this._onExports, this);
    this._actions.changed.connect(this._onAction, this);
    exporter.changed.connect(this._onExporter, this);
    recording.changed.connect(this._onRecording, this);
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    Signal.clearData(this);
    for (const part of [...this._watches, this._sessions, this._exports]) {
      part.dispose();
    }
    super.dispose();
  }

  protected override render(): React.JSX.Element {
    const { api, exporter, trans } = this.options;
    return (
      <PanelView
        sessions={this._sessions}
        exports={this._exports}
        actions={this._actions}
        links={api}
        isExporting={!exporter.isEnabled}
        announcement={this._announcement}
        now={Date.now()}
        onRefresh={() => {
          this._hurry();
        }}
        onDownload={this._download}
        onDownloadAgain={this._downloadAgain}
        onCancel={this._cancel}
        trans={trans}
      />
    );
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    for (const watch of this._watches) {
      watch.start();
    }
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.update();
    this._hurry();
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    if (!this.node.contains(document.activeElement)) {
      this.node.querySelector<HTMLElement>('button, a')?.focus();
    }
  }

  private _hurry(): void {
    for (const watch of this._watches) {
      watch.hurry();
    }
  }

  private readonly _download = (session: ISession): void => {
    const { include, compression } = this._sessions.choice(session.id);
    this.options.exporter.start({
      session_id: session.id,
      include: [...include],
      compression
    });
  };

  private readonly _downloadAgain = (job: IExportJob): void => {
    startDownload(this.options.api.downloadUrl(job.id), job.filename);
    this._exports.expectDownload();
    this._watches.at(-1)?.hurry();
  };

  private readonly _cancel = (job: IExportJob): void => {
    this._exports.cancel(job.id).catch((reason: unknown) => {
      this._actions.fail(reason);
    });
  };

  /** This page has begun or ended an export: the list is another. */
  private _onExporter(): void {
    const isEnabled = this.options.exporter.isEnabled;
    if (isEnabled !== this._wasEnabled) {
      this._wasEnabled = isEnabled;
      this.update();
    }
    if (!isEnabled && this._exports.running.length === 0) {
      this._watches.at(-1)?.hurry();
    }
  }

  private _onExports(): void {
    const jobs = this._exports.jobs;
    if (jobs && !this._hasListened) {
      this._hasListened = true;
      this._announcer.begin(jobs);
    }
    const news = this._announcer.next(jobs ?? [], Date.now());
    if (news) {
      this._announcement = announcementText(news, this.options.trans);
    }
    this.update();
  }

  /** The indicator on the notebooks shows the same state; exports may have ended with it. */
  private _onAction(): void {
    this.options.recording.hint();
    if (this._actions.note?.kind === 'done') {
      this._watches.at(-1)?.hurry();
    }
    this.update();
  }

  /** Somebody may have clicked the indicator. */
  private _onRecording(recording: RecordingModel): void {
    const current = this._sessions.sessions?.find(one => one.this_server);
    if (current && current.recording.state !== recording.state && !recording.busy) {
      this._watches[0]?.hurry();
    }
  }

  private readonly _actions: SessionActions;
  private _announcement = '';
  private readonly _announcer = new Announcer();
  private readonly _exports: ExportsModel;
  private _hasListened = false;
  private readonly _sessions: SessionsModel;
  private _wasEnabled = true;
  private readonly _watches: readonly Watch[];
}

/** A failed look makes the next one come later. */
async function look(model: SessionsModel | ExportsModel): Promise<void> {
  await model.refresh();
  if (model.error) {
    throw model.error;
  }
}
