/* live-reload.js */
