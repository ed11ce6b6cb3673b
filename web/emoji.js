// SPDX-License-Identifier: GPL-3.0-or-later
// Emoji by name, as GitHub and others call them: some that people use, in the order of a chooser. Fetched when one is wanted.

const TABLE = `
grinning 😀 smiley 😃 smile 😄 grin 😁 laughing 😆 sweat_smile 😅 joy 😂 rofl 🤣 slightly_smiling_face 🙂 upside_down_face 🙃
wink 😉 blush 😊 innocent 😇 heart_eyes 😍 star_struck 🤩 kissing_heart 😘 yum 😋 stuck_out_tongue 😛 zany_face 🤪 hugs 🤗 thinking 🤔
shushing_face 🤫 zipper_mouth_face 🤐 raised_eyebrow 🤨 neutral_face 😐 expressionless 😑 smirk 😏 unamused 😒 roll_eyes 🙄 grimacing 😬
relieved 😌 pensive 😔 sleepy 😪 sleeping 😴 mask 😷 nauseated_face 🤢 hot_face 🥵 cold_face 🥶 dizzy_face 😵 exploding_head 🤯
cowboy_hat_face 🤠 partying_face 🥳 sunglasses 😎 nerd_face 🤓 confused 😕 worried 😟 open_mouth 😮 astonished 😲 flushed 😳
pleading_face 🥺 fearful 😨 cry 😢 sob 😭 scream 😱 disappointed 😞 sweat 😓 weary 😩 tired_face 😫 yawning_face 🥱 triumph 😤 rage 😡
angry 😠 smiling_imp 😈 skull 💀 poop 💩 clown_face 🤡 ghost 👻 alien 👽 robot 🤖 see_no_evil 🙈 hear_no_evil 🙉 speak_no_evil 🙊
heart ❤️ orange_heart 🧡 yellow_heart 💛 green_heart 💚 blue_heart 💙 purple_heart 💜 black_heart 🖤 broken_heart 💔 sparkling_heart 💖
100 💯 anger 💢 boom 💥 dizzy 💫 zzz 💤 wave 👋 raised_hand ✋ ok_hand 👌 v ✌️ crossed_fingers 🤞 metal 🤘 call_me_hand 🤙
point_left 👈 point_right 👉 point_up 👆 point_down 👇 +1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 fist ✊ clap 👏 raised_hands 🙌
handshake 🤝 pray 🙏 writing_hand ✍️ muscle 💪 eyes 👀 brain 🧠 facepalm 🤦 shrug 🤷 dancer 💃 running 🏃 family 👪
dog 🐶 cat 🐱 mouse 🐭 fox_face 🦊 bear 🐻 panda_face 🐼 koala 🐨 lion 🦁 cow 🐮 pig 🐷 frog 🐸 monkey 🐒 chicken 🐔 penguin 🐧 bird 🐦
owl 🦉 horse 🐴 unicorn 🦄 bee 🐝 bug 🐛 butterfly 🦋 snail 🐌 turtle 🐢 snake 🐍 octopus 🐙 crab 🦀 fish 🐟 dolphin 🐬 whale 🐳
tulip 🌷 rose 🌹 sunflower 🌻 cherry_blossom 🌸 seedling 🌱 evergreen_tree 🌲 palm_tree 🌴 cactus 🌵 four_leaf_clover 🍀 maple_leaf 🍁
mushroom 🍄 earth_africa 🌍 moon 🌙 sunny ☀️ star ⭐ cloud ☁️ rainbow 🌈 umbrella ☔ zap ⚡ snowflake ❄️ snowman ⛄ fire 🔥 droplet 💧 ocean 🌊
apple 🍎 banana 🍌 watermelon 🍉 grapes 🍇 strawberry 🍓 lemon 🍋 peach 🍑 avocado 🥑 tomato 🍅 carrot 🥕 bread 🍞 cheese 🧀 egg 🥚
hamburger 🍔 fries 🍟 pizza 🍕 taco 🌮 spaghetti 🍝 ramen 🍜 sushi 🍣 icecream 🍦 doughnut 🍩 cookie 🍪 birthday 🎂 cake 🍰 chocolate_bar 🍫
popcorn 🍿 coffee ☕ tea 🍵 beer 🍺 beers 🍻 wine_glass 🍷 champagne 🍾 cocktail 🍸 soccer ⚽ basketball 🏀 tennis 🎾 trophy 🏆
video_game 🎮 game_die 🎲 dart 🎯 art 🎨 musical_note 🎵 guitar 🎸 microphone 🎤 headphones 🎧 movie_camera 🎥 camera 📷
car 🚗 bus 🚌 bike 🚲 train 🚆 airplane ✈️ rocket 🚀 ship 🚢 anchor ⚓ house 🏠 tent ⛺ mountain ⛰️ construction 🚧
watch ⌚ alarm_clock ⏰ hourglass ⌛ phone 📱 computer 💻 keyboard ⌨️ battery 🔋 electric_plug 🔌 bulb 💡 flashlight 🔦 book 📖 books 📚
newspaper 📰 memo 📝 pencil ✏️ paperclip 📎 scissors ✂️ calendar 📅 chart 📈 email ✉️ package 📦 mailbox 📫 lock 🔒 key 🔑 hammer 🔨
wrench 🔧 gear ⚙️ link 🔗 magnet 🧲 test_tube 🧪 microscope 🔬 telescope 🔭 pill 💊 moneybag 💰 gift 🎁 balloon 🎈 tada 🎉 sparkles ✨
crown 👑 ring 💍 gem 💎 bell 🔔 loudspeaker 📢 speech_balloon 💬 mag 🔍 recycle ♻️ warning ⚠️ no_entry ⛔ question ❓ exclamation ❗
white_check_mark ✅ x ❌ o ⭕ heavy_plus_sign ➕ heavy_minus_sign ➖ checkered_flag 🏁 rainbow_flag 🏳️‍🌈 pirate_flag 🏴‍☠️`;

/** [name, emoji] */
export const EMOJI = TABLE.trim().split(/\s+/).reduce((list, word, i) => {
  if (i % 2) list.at(-1).push(word);
  else list.push([word]);
  return list;
}, []);

/** Those whose name holds what is typed, first those that begin with it, the shortest first. @param {string} typed */
export function findEmoji(typed) {
  const wanted = typed.toLowerCase();
  const rank = (name) => (name.startsWith(wanted) ? 0 : 1);
  return EMOJI.filter(([name]) => name.includes(wanted)).sort(([a], [b]) => rank(a) - rank(b) || a.length - b.length);
}
