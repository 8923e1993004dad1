// Imported first, and kept to old syntax: an old Node.js reaches the message instead of a syntax error.
var needed = [20, 19];
var parts = process.versions.node.split('.').map(Number);

if (parts[0] < needed[0] || (parts[0] === needed[0] && parts[1] < needed[1])) {
  console.error(
    'Berth needs Node.js ' +
      needed.join('.') +
      ' or newer; this is ' +
      process.version +
      ' (' +
      process.execPath +
      ').',
  );
  console.error('Install a newer one (https://nodejs.org, or your version manager) and try again.');
  process.exit(1);
}
