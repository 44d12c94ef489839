/* kernel-client.js */
