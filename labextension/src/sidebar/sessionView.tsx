/** One session: what it holds, and what can be done with it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { downloadSessionIcon, recordingIcons } from '../icons';
import { failureText } from '../texts';
import type { SessionActions } from './actions';
import type { ISessionsApi } from './api';
import type { IKernel, ISession } from './contract';
import { FilesView } from './filesView';
import { Button, Fold, Message, OwnFold } from './parts';
import { isCurrent, type SessionsModel } from './sessions';
import {
  factTexts,
  foldedText,
  kernelStateText,
  lifeDetails,
  lifeText,
  offText,
  sessionName,
  stateText
} from './texts';
import { ZipView } from './zipView';

export interface ISessionProps {
  session: ISession;
  model: SessionsModel;
  actions: SessionActions;
  links: Pick<ISessionsApi, 'fileUrl' | 'filesUrl'>;
  /** This page makes an export already. */
  isExporting: boolean;
  onDownload: (session: ISession) => void;
  now: number;
  trans: TranslationBundle;
}

export function SessionView(props: ISessionProps): React.JSX.Element {
  const { session, model, now, trans } = props;
  const isOpen = model.isExpanded(session.id);
  return (
    <li
      className="jp-SessionExport-session"
      data-current={isCurrent(session) || undefined}
      data-session={session.number}
    >
      <Fold
        level={4}
        label={sessionName(session, trans)}
        isOpen={isOpen}
        onToggle={() => void model.toggle(session)}
        beside={<Badge {...props} />}
      >
        <OpenSession {...props} />
      </Fold>
      {!isOpen && (
        <div className="jp-SessionExport-folded">{foldedText(session, now, trans)}</div>
      )}
    </li>
  );
}

/** Whether it is recorded. */
function Badge({ session, trans }: ISessionProps): React.JSX.Element {
  const { state, reason } = session.recording;
  const Icon = recordingIcons[state];
  return (
    <span
      className="jp-SessionExport-badge"
      data-state={state}
      title={reason ?? undefined}
    >
      <Icon.react tag="span" className="jp-SessionExport-icon" />
      {stateText(session, trans)}
    </span>
  );
}

function OpenSession(props: ISessionProps): React.JSX.Element {
  const { session, model, actions, links, now, trans } = props;
  const { stats, files, error } = model.details(session.id);
  const { state, reason } = session.recording;
  const off = offText(session, trans);
  return (
    <div className="jp-SessionExport-details-body">
      <ul className="jp-SessionExport-facts">
        {factTexts(session, trans).map(fact => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
      <div className="jp-SessionExport-figures" title={lifeDetails(session, trans)}>
        {lifeText(session, now, trans)}
      </div>
      {off !== null && (
        <div className="jp-SessionExport-figures jp-SessionExport-notRecorded">{off}</div>
      )}
      {state === 'stopped' && reason && <Message kind="failed" text={reason} />}
      <Actions {...props} />
      {error && <Message kind="failed" text={failureText(error, trans)} />}
      <OwnFold label={trans.__('In the ZIP')} startsOpen={isCurrent(session)}>
        <ZipView
          choice={model.choice(session.id)}
          stats={stats}
          onChoose={change => {
            model.choose(session.id, change);
          }}
          trans={trans}
        />
      </OwnFold>
      {session.kernels.length > 0 && (
        <OwnFold label={trans.__('Kernels (%1)', session.kernels.length)} startsOpen>
          <Kernels kernels={session.kernels} trans={trans} />
        </OwnFold>
      )}
      <OwnFold
        label={files ? trans.__('Own files (%1)', files.length) : trans.__('Own files')}
      >
        <FilesView
          files={files}
          isBusy={actions.isBusy(session.id)}
          urlOf={file => links.fileUrl(session.id, file.path)}
          urlOfAll={category => links.filesUrl(session.id, category)}
          onDelete={file => void actions.deleteFile(session, file)}
          now={now}
          trans={trans}
        />
      </OwnFold>
    </div>
  );
}

function Actions(props: ISessionProps): React.JSX.Element {
  const { session, model, actions, isExporting, onDownload, trans } = props;
  const isBusy = actions.isBusy(session.id);
  const name = sessionName(session, trans);
  const isNothing = model.choice(session.id).include.length === 0;
  return (
    <div
      className="jp-SessionExport-actions"
      role="group"
      aria-label={trans.__('Actions on %1', name)}
      aria-busy={isBusy}
    >
      <Button
        kind="main"
        label={trans.__('Download')}
        about={trans.__('Download %1', name)}
        title={downloadTitle(isExporting, isNothing, trans)}
        icon={downloadSessionIcon}
        disabled={isExporting || isNothing}
        onClick={() => {
          onDownload(session);
        }}
      />
      <RecordingButton {...props} />
      <Button
        label={trans.__('Purge …')}
        about={trans.__('Purge %1 …', name)}
        title={trans.__('Remove recorded executions')}
        disabled={isBusy}
        onClick={() => void actions.purge(session)}
      />
      {session.ended_at === null ? (
        <Button
          label={trans.__('End …')}
          about={trans.__('End %1 …', name)}
          title={trans.__('End this session; the next one begins when it is needed')}
          disabled={isBusy}
          onClick={() => void actions.end(session)}
        />
      ) : (
        <Button
          label={trans.__('Remove …')}
          about={trans.__('Remove %1 …', name)}
          title={trans.__('Remove this session with all that it holds')}
          disabled={isBusy}
          onClick={() => void actions.remove(session)}
        />
      )}
    </div>
  );
}

function downloadTitle(
  isExporting: boolean,
  isNothing: boolean,
  trans: TranslationBundle
): string {
  if (isExporting) {
    return trans.__('Another download of this page is being prepared');
  }
  return isNothing
    ? trans.__('Choose what to include first')
    : trans.__('Download what is chosen below as one ZIP');
}

/** Pauses what is recorded, resumes what can be. */
function RecordingButton(props: ISessionProps): React.JSX.Element | null {
  const { session, actions, trans } = props;
  const { state } = session.recording;
  if (!isCurrent(session) || !['on', 'paused', 'stopped'].includes(state)) {
    return null;
  }
  const isOn = state === 'on';
  return (
    <Button
      label={isOn ? trans.__('Pause') : trans.__('Resume')}
      about={
        isOn
          ? trans.__('Pause recording session %1', session.number)
          : trans.__('Resume recording session %1', session.number)
      }
      disabled={actions.isBusy(session.id)}
      onClick={() => void actions.toggleRecording(session)}
    />
  );
}

function Kernels(props: {
  kernels: readonly IKernel[];
  trans: TranslationBundle;
}): React.JSX.Element {
  const { kernels, trans } = props;
  return (
    <ul className="jp-SessionExport-kernels">
      {kernels.map(({ id, name, state, notebook }) => (
        <li key={id} data-state={state}>
          <span className="jp-SessionExport-path" title={notebook ?? name}>
            {notebook ?? trans.__('No notebook')}
          </span>
          <span className="jp-SessionExport-figures">
            {trans.__('%1, %2', name, kernelStateText(state, trans))}
          </span>
        </li>
      ))}
    </ul>
  );
}
