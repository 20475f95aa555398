import { activityPlugin } from './activity/plugin';
import { downloadPlugin, indicatorPlugin, recordingPlugin } from './plugins';
import { restorePlugin } from './restore/plugin';
import { sidebarPlugin } from './sidebar/plugin';

export default [
  recordingPlugin,
  downloadPlugin,
  indicatorPlugin,
  sidebarPlugin,
  activityPlugin,
  restorePlugin
];
