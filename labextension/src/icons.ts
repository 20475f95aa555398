import { LabIcon } from '@jupyterlab/ui-components';

import downloadSvg from '../style/icons/download-session.svg';
import endedSvg from '../style/icons/recording-ended.svg';
import offSvg from '../style/icons/recording-off.svg';
import recordedSvg from '../style/icons/recording-on.svg';
import pausedSvg from '../style/icons/recording-paused.svg';
import stoppedSvg from '../style/icons/recording-stopped.svg';
import unknownSvg from '../style/icons/recording-unknown.svg';
import sessionsSvg from '../style/icons/sessions.svg';

import type { RecordingState } from './api';

export const downloadSessionIcon = new LabIcon({
  name: 'jupyter-session-export:download',
  svgstr: downloadSvg
});

export const sessionsIcon = new LabIcon({
  name: 'jupyter-session-export:sessions',
  svgstr: sessionsSvg
});

/** One icon for each state of the recording; their shapes differ, not only their colours. */
export const recordingIcons: Record<RecordingState, LabIcon> = {
  on: new LabIcon({ name: 'jupyter-session-export:on', svgstr: recordedSvg }),
  paused: new LabIcon({ name: 'jupyter-session-export:paused', svgstr: pausedSvg }),
  stopped: new LabIcon({ name: 'jupyter-session-export:stopped', svgstr: stoppedSvg }),
  off: new LabIcon({ name: 'jupyter-session-export:off', svgstr: offSvg }),
  ended: new LabIcon({ name: 'jupyter-session-export:ended', svgstr: endedSvg }),
  unknown: new LabIcon({ name: 'jupyter-session-export:unknown', svgstr: unknownSvg })
};
