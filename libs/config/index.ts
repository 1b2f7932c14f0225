export { type ConfigFault, ConfigFaults } from './config-faults.js'
export { type ExaminedSettings, examineSettings, loadSettings, type SettingsRequest } from './load-settings.js'
export * from './settings.js'
export { SettingsModule } from './settings.module.js'
