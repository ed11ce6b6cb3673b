// SPDX-License-Identifier: GPL-3.0-or-later
// The rival: what the original's relay does, in socket.io as it is today. Every message is JSON, to
// everybody else or to the room of one client. WebSocket transport alone, no compression: its best.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const server = createServer();
const io = new Server(server, { transports: ['websocket'], perMessageDeflate: false, serveClient: false });
io.on('connection', (socket) => {
  socket.on('m', (message) => socket.broadcast.emit('m', message));
  socket.on('d', (to, message) => socket.to(to).emit('m', message));
  socket.on('j', (room) => {
    socket.join(room);
    socket.emit('r');
  });
});
server.listen({ port: Number(process.env.PORT ?? 0), host: '127.0.0.1', backlog: 4096 }, () => {
  console.log(`rival: http://localhost:${server.address().port} pid ${process.pid}`);
});
