import { LabIcon } from '@jupyterlab/ui-components';

import downloadSvg from '../style/icons/download-session.svg';
import pausedSvg from '../style/icons/recording-paused.svg';
import recordedSvg from '../style/icons/recording-on.svg';
import stoppedSvg from '../style/icons/recording-stopped.svg';
import unknownSvg from '../style/icons/recording-unknown.svg';

import type { RecordingState } from './recording';

export const downloadSessionIcon = new LabIcon({
  name: 'jupyter-session-export:download',
  svgstr: downloadSvg
});

/** One icon for each state of the recording; their shapes differ, not only their colours. */
export const recordingIcons: Record<RecordingState, LabIcon> = {
  on: new LabIcon({ name: 'jupyter-session-export:on', svgstr: recordedSvg }),
  paused: new LabIcon({ name: 'jupyter-session-export:paused', svgstr: pausedSvg }),
  stopped: new LabIcon({ name: 'jupyter-session-export:stopped', svgstr: stoppedSvg }),
  unknown: new LabIcon({ name: 'jupyter-session-export:unknown', svgstr: unknownSvg })
};
