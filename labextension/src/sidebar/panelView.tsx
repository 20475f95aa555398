/** The whole of the sidebar. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon, refreshIcon } from '@jupyterlab/ui-components';
import React from 'react';

import type { IExportJob } from '../api';
import { NOT_INSTALLED, type SessionExportError } from '../errors';
import { failureText } from '../texts';
import type { SessionActions } from './actions';
import type { ISessionsApi } from './api';
import type { ISession } from './contract';
import type { ExportsModel } from './exports';
import { FinishedExport, RunningExport, type IExportProps } from './exportView';
import { Button, Message } from './parts';
import type { SessionsModel } from './sessions';
import { SessionView } from './sessionView';
import { sessionName } from './texts';

/** How many exports that have ended are shown. */
const MOST_FINISHED = 10;

export interface IPanelProps {
  sessions: SessionsModel;
  exports: ExportsModel;
  actions: SessionActions;
  links: Pick<ISessionsApi, 'fileUrl' | 'filesUrl'>;
  isExporting: boolean;
  /** What a screen reader is told. */
  announcement: string;
  now: number;
  onRefresh: () => void;
  onDownload: (session: ISession) => void;
  onDownloadAgain: (job: IExportJob) => void;
  onCancel: (job: IExportJob) => void;
  trans: TranslationBundle;
}

export function PanelView(props: IPanelProps): React.JSX.Element {
  const { sessions, actions, announcement, onRefresh, trans } = props;
  const { error } = sessions;
  const isMissing = error?.code === NOT_INSTALLED;
  return (
    <>
      <div className="jp-SessionExport-head">
        <h2>{trans.__('Sessions')}</h2>
        <Button
          label={trans.__('Refresh')}
          icon={refreshIcon}
          iconOnly
          onClick={onRefresh}
        />
      </div>
      <div className="jp-SessionExport-hidden" role="status" aria-live="polite">
        {announcement}
      </div>
      <div className="jp-SessionExport-notes">
        {error && <Failure {...props} error={error} />}
        {actions.note && <NoteView {...props} />}
      </div>
      {!isMissing && (
        <div
          className="jp-SessionExport-content"
          data-stale={error !== null || undefined}
        >
          <Running {...props} />
          <SessionList {...props} />
          <Finished {...props} />
        </div>
      )}
    </>
  );
}

function Failure(props: IPanelProps & { error: SessionExportError }): React.JSX.Element {
  const { error, onRefresh, trans } = props;
  return (
    <Message kind="failed" text={failureText(error, trans)}>
      <Button label={trans.__('Retry')} onClick={onRefresh} />
    </Message>
  );
}

function NoteView({ actions, trans }: IPanelProps): React.JSX.Element | null {
  return (
    actions.note && (
      <Message {...actions.note}>
        <Button
          label={trans.__('Dismiss')}
          icon={closeIcon}
          iconOnly
          onClick={() => {
            actions.dismiss();
          }}
        />
      </Message>
    )
  );
}

function Running(props: IPanelProps): React.JSX.Element | null {
  const { exports, trans } = props;
  const { running } = exports;
  return running.length === 0 ? null : (
    <section aria-label={trans.__('Running exports')}>
      <h3>{trans.__('Running exports')}</h3>
      <ul className="jp-SessionExport-exports">
        {running.map(job => (
          <RunningExport key={job.id} {...exportProps(props, job)} />
        ))}
      </ul>
    </section>
  );
}

function SessionList(props: IPanelProps): React.JSX.Element {
  const { sessions, trans } = props;
  const listed = sessions.sessions;
  return (
    <section aria-label={trans.__('All sessions')}>
      <h3>{trans.__('All sessions')}</h3>
      {listed === null && !sessions.error && (
        <p className="jp-SessionExport-empty">{trans.__('Loading …')}</p>
      )}
      {listed?.length === 0 && (
        <p className="jp-SessionExport-empty">
          {trans.__('There is no session yet. One begins with the first kernel.')}
        </p>
      )}
      <ul className="jp-SessionExport-sessions">
        {listed?.map(session => (
          <SessionView key={session.id} {...props} model={sessions} session={session} />
        ))}
      </ul>
      {listed && listed.length < sessions.total && (
        <Button
          label={trans.__('Show more (%1 of %2)', listed.length, sessions.total)}
          onClick={() => void sessions.more()}
        />
      )}
    </section>
  );
}

function Finished(props: IPanelProps): React.JSX.Element {
  const { exports, trans } = props;
  const finished = exports.finished.slice(0, MOST_FINISHED);
  return (
    <section aria-label={trans.__('Last exports')}>
      <h3>{trans.__('Last exports')}</h3>
      {exports.error && !props.sessions.error && (
        <Failure {...props} error={exports.error} />
      )}
      {exports.jobs && finished.length === 0 && (
        <p className="jp-SessionExport-empty">{trans.__('None yet.')}</p>
      )}
      <ul className="jp-SessionExport-exports">
        {finished.map(job => (
          <FinishedExport key={job.id} {...exportProps(props, job)} />
        ))}
      </ul>
    </section>
  );
}

function exportProps(props: IPanelProps, job: IExportJob): IExportProps {
  const { sessions, exports, now, onCancel, onDownloadAgain, trans } = props;
  const session = sessions.sessions?.find(one => one.id === job.session_id);
  return {
    job,
    sessionName: session ? sessionName(session, trans) : null,
    exports,
    now,
    onCancel,
    onDownload: onDownloadAgain,
    trans
  };
}
