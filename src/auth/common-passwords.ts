/**
 * The passwords that attackers try first, lower-cased: what tops the published counts of leaked passwords, of
 * those long enough to be taken. The kept list of `password-policy.ts`; add to it freely.
 */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  `
  0123456789 01234567 012345678 10203040 1020304050 11111111 111111111 1111111111 11223344 1122334455
  112233445566 12341234 12344321 1234512345 123454321 12345678 123456789 1234567890 12345678910 123456789a
  12345678a 1234567a 1234qwer 123123123 123321123 123qweasd 123qweasdzxc 12qwaszx 13131313 147258369
  147852369 159753159 18273645 19841984 19851985 19861986 19871987 19881988 19891989 19901990 1a2b3c4d
  1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 20002000 20102010 20202020 20242024
  20252025 20262026 21212121 22222222 23232323 25252525 31415926 314159265 33333333 36925814 44444444
  55555555 66666666 69696969 741852963 77777777 77778888 78945612 789456123 87654321 88888888 88889999
  963852741 98765432 987654321 9876543210 99999999 a1b2c3d4 a1s2d3f4 a12345678 a123456789 aa123456 aa12345678
  abc12345 abc123456 abc123abc abcd1234 abcd12345 abcdefgh abcdefghi access14 accounting adminadmin
  administrator admin1234 admin123456 adrianna adventure airplane alejandra alejandro alexander alexandra
  alexandre alexandria allison1 alphabet amanda12 america1 american anderson andromeda angelica angelina
  angelito animation anthony1 anything apple123 arsenal1 asdasd123 asdasdasd asdf1234 asdfasdf asdfghjk
  asdfghjkl asdfqwer asdzxc123 ashley12 asshole1 austin316 babygirl babygirl1 backspace bailey12 baseball
  baseball1 basketball basketball1 batman123 beautiful beautiful1 bestfriend bigdaddy billgates bismillah
  blackjack blessed1 blink182 bluebird bonjour1 brandon1 brittany broncos1 brooklyn bubbles1 bubblegum
  bullshit business butterfly butterfly1 butthead california calvin12 cameron1 captain1 carolina caroline
  catalina celtic1888 champion changeit changeme changeme1 charlie1 charlie123 charlotte cheese12 chelsea1
  chicken1 chocolate chocolate1 christian christian1 christina christine christmas christopher cocacola
  cocacola1 coffee12 colombia colorado commando computer computer1 connection consumer cookies1 corvette
  courtney cowboys1 creative cristian cristina crystal1 database david123 december default1 defender demo1234
  dickhead dinosaur dolphin1 dolphins donald12 download dragon12 dragon123 dragonball dragonfly dreamer1
  drowssap einstein elephant elizabeth elizabeth1 eminem12 emmanuel enterprise estrella eternity evangelion
  everyone everything facebook facebook1 fatima12 february felicidad ferrari1 fernanda fernando fireball
  firebird firefighter firefly1 flower12 football football1 football12 forever1 forever21 francesca francesco
  francisco franklin freedom1 freepass freeuser fuckyou1 fuckyou2 fuckyou123 fuckoff1 gabriel1 gabriela
  gabrielle gangster garfield gateway1 geronimo giovanni goldfish gonzalez goodluck goodmorning google123
  gordon24 grandma1 greenday guadalupe guest123 guitar12 handsome hannah12 happy123 happiness hardcore
  harley12 harrypotter hawaii50 heather1 hello123 hello1234 hellohello hellokitty hellokitty1 hercules
  hollywood homepage honeybee hotmail1 hunter12 iceman12 icecream icecream1 iloveme1 iloveyou iloveyou1
  iloveyou12 iloveyou2 iloveyou3 iloveyou123 iloveyouso infinity insanity internet internet1 invisible
  ironman1 isabella isabelle italiano jackson5 jamaica1 jasmine1 jeffrey1 jellybean jennifer jennifer1
  jeremiah jessica1 jessica12 jesus123 jesuschrist johncena johnson1 jonathan jonathan1 jordan23 joseph12
  justin12 justinbieber kathleen katherine kawasaki keyboard killer12 killer123 kimberly kingdom1 kingkong
  klapaucius knight12 kristina labrador lakers24 lamborghini lasvegas lawrence legendary leonardo letmein1
  letmein12 letmein123 letmeinnow liberty1 lifetime lightning liverpool liverpool1 lollipop lorraine louise12
  loveforever lovelove loveme12 lovelife lovely12 loverboy loveyou1 macintosh madison1 magnolia manchester
  manchesterunited margaret margarita mariposa marlboro marseille master12 master123 matthew1 maverick
  maximus1 mercedes mercedes1 merlin12 metallica metallica1 michael1 michael12 michelle michelle1 mickeymouse
  microsoft midnight midnight1 minecraft minecraft1 mistress mitchell moneyman monica12 monkey12 monkey123
  monster1 montreal moonlight mortgage motherfucker motorola mountain mustang1 mypassword myspace1 naruto12
  nathaniel natalie1 newcastle newpassword newyork1 nicholas nicholas1 nicole12 nightmare nintendo nirvana1
  nopassword nothing1 november october1 olivia12 operator p4ssw0rd p@55w0rd p@ssw0rd p@ssword pa$$w0rd
  pa55w0rd pa55word pakistan panasonic pandora1 paradise parola12 pass1234 pass12345 passpass passport
  passw0rd passwd123 password password0 password01 password1 password10 password11 password12 password123
  password1234 password2 password3 passwords passwort patricia patrick1 patriots peaches1 peanut12 penelope
  penguin1 personal phoenix1 photoshop picture1 pineapple playboy1 platinum playstation pokemon1 pokemon123
  poohbear porsche911 portugal precious president princess princess1 princess12 princesa printing pussycat
  q1w2e3r4 q1w2e3r4t5 qazwsx12 qazwsx123 qazwsxedc qazwsxedcrfv qqqqqqqq qwaszx12 qwe12345 qweasd123
  qweasdzxc qweqweqwe qwer1234 qwerasdf qwert123 qwert12345 qwerty00 qwerty11 qwerty12 qwerty123 qwerty1234
  qwerty12345 qwerty321 qwertyui qwertyuiop raiders1 rainbow1 rammstein rangers1 realmadrid rebecca1 redskins
  remember richard1 roberto1 rockstar rockstar1 rodriguez ronaldo7 rootroot rosemary sabrina1 samantha
  samantha1 samsung1 samsung123 sanchez1 santiago sapphire savannah scarface schalke04 scoobydoo scorpion
  seahawks sebastian secret12 secret123 security september service1 shadow12 shadow123 shannon1 shithead
  shopping simpsons simsimsim skateboard skywalker slipknot slipknot1 snickers snowball snowboard snowman1
  softball softball1 solution something sophie12 southside spartan1 spartan117 spiderman spiderman1 spongebob
  spongebob1 starbucks starfish stargate starlight startrek starwars starwars1 steelers steelers1 stephanie
  stingray strawberry student1 stupid12 submarine sunflower sunshine sunshine1 sunshine12 superman superman1
  superman12 superman123 superstar superuser supersonic swordfish system32 sweetheart sweetie1 sweetpea
  swimming teacher1 telefono temp1234 temporary teresa12 test1234 test12345 testing1 testing123 testtest
  therock1 thomas12 thuglife thunder1 thunderbird tigger12 tinkerbell titanic1 trinity1 trustno1 trustno11
  turkey12 twilight undertaker universal universe username valentina valentine valentino vancouver vanessa1
  verbatim veronica victoria victoria1 victory1 vincent1 viktoria virginia volleyball w1w2w3w4 warcraft
  warcraft3 warrior1 webmaster welcome1 welcome12 welcome123 welcomehome westside whatever whatever1 wildcats
  william1 windows1 windows10 winston1 wolverine wordpass wrestling wwwwwwww xbox360x xxxxxxxx yamaha12
  yankees1 yesterday yourmom1 yellow12 zaq12wsx zaq1zaq1 zaq1xsw2 zachary1 zeppelin zxcvbnm1 zxcvbnm123
  zxcvbnmm zzzzzzzz alexander babygirl barcelona buttercup changeme chocolate danielle football helloworld
  jennifer liverpool michelle password princess starwars sunshine superman whatever
  `
    .trim()
    .split(/\s+/),
);
