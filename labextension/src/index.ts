import { downloadPlugin, indicatorPlugin, recordingPlugin } from './plugins';

export default [recordingPlugin, downloadPlugin, indicatorPlugin];
