"""What many people's passwords are made of, in small letters.

Source: the 3000 most frequent passwords of zxcvbn 4.5 (MIT licence), without their digits and
signs at both ends, five letters or more, coarse words left out.
"""

from __future__ import annotations

_WORDS = """
aaliyah aardvark aberdeen abgrtyu absolut access accord achilles action adgjmptw adidas admin
adonis aezakmi agent aggies aikido airborne airbus airforce airplane alabama alaska albatros albion
alejandr aleksandr aleksandra aleksey alexande alexandr alexis alibaba aliens allmine allsop
allstar alpha alphabet alpine alucard amadeus amanda amazon amber america amsterda amsterdam
anaconda anakin anarchy andrei andrew andrey andromeda anfield angel angels angus anhyeuem animal
anime anthony anubis apache apollo apple applepie apples aquarius aragorn arizona arjay armani
arsenal artemis artur asdasd asdfasdf asdfg asdfgh asdfghj asdfghjk asdfghjkl asdfjkl asdzxc ashley
aspire aspirine assassin assman asterix astros atlanta atlantis atomic auburn audia aussie austin
australi avalanch avalon avatar avenger awesome azamat azerty azsxdc azsxdcfv babes babyblue
babyboy babydoll babyface babygirl babylon bacardi backdoor badass badboy baddog badger badgirl
baggins bagira baller balloon balloons balls bambam banana bananas banane bandit banker banshee
barbie barcelon barcelona barefoot barkley barney barsik baseball basket basketba bassman bastard
batman bayern beaches beagle beaner beanie beast beastie beatles beautifu beauty beaver beavis
beckham beefcake beetle benfica bengals beretta berlin bicycle bigass bigballs bigbear bigbird
bigboy bigdaddy bigdog bigfoot biggie biggles bigguy bigmac bigman bigmike bigmoney bigone bigred
bigtime bikini billy billybob billyboy bimmer bingo birdie birdman biscuit biteme bizkit blabla
black blackbir blackcat blackdog blackhaw blackie blackjac blackjack blacks blacky blade blades
blahblah blaster blazer blessed blessing blink blizzard blonde blondes blondie bluebird blueboy
bluedog blueeyes bluemoon blues bluesky bobafett bobby bobcat boeing bogart bogdan bogey bohica
bollocks bollox bomber bonehead bones bonjour bonkers bonsai booger boogie bookworm boomboom boomer
bootie boots boricua bosco bossman boston bounce bowler bowling boxing brando brandon brandy brasil
braves brazil breeze brian brighton bristol britney bronco broncos brooklyn brownie browns brucelee
bruins brutus bubba bubbas bubble bubbles bucket buckeye buckeyes buckshot buddah buddha buddy
budlight budman budweise buffalo buffett buffy bugger builder bulldog bulldogs bullet bullseye
bunghole bunny burger buster butch buzzard byteme cabbage cactus cadillac caesar calgary calico
caliente californ caligula camaro cambiami camel camelot camels cameron canada cancer cancun candle
candyman canon cantona capone captain caramel cardinal carolina carpet carrera carrot cartman
cartoon casanova caserta casey casino casper cassie catch catdog catfish catherin catman cavalier
caveman ccbill cdtnkfyf celeron celica celine celtic celtics cerberus cessna cfitymrf cgfhnfr
chainsaw champ champion champs changeme chaos charger chargers charles charli charlie charlott
charlton charly charmed chaser cheers cheese cheetah chelsea cherokee cherry chester chevelle
chevrole chevy chewie cheyenne chicago chichi chicken chickens chicks chico chiefs chipper chivas
chocolat chopper chris chrisbln chrissy christ christia christin christop chronic chrono chuang
chubby chuckie chuckles chucky chunky cicero cigars cinder cinnamon cjkysirj cjkywt clancy clapton
clarinet classic clemson clevelan clipper cloud clouds clover cobra cocacola coconut coffee cohiba
colombia colorado colors coltrane comet commando compaq compute computer concrete condom condor
connect connor consumer cookie cookies cooldude cooler coolguy coolio coolman cooter copper corona
corrado corvette cosmo cosmos cosworth cougar cowboy cowboys coyote cracker crazy crazybab creative
cricket crimson critter crjhgbjy cruise cruiser crunch crusader crysis crystal cthulhu cthutq
cubbies cubswin cuddles cupcake curious custom cutlass cutter cxfcnmt cyber cyclone cyclops cypress
daddy daewoo dagger daisy dakota dalejr dallas dammit damnit dancer danger danie daniel daniil
danila danni dannyboy danzig darkness darkside darkstar david davids daytona dbrnjh dbrnjhbz
deadhead deadman death deejay deepthroat deeznuts deeznutz defender defiant deftones delete delta
deluxe denali deniska depeche desert designer desire deskjet destiny detroit dexter dfkthbz dfkthf
dfktynbyf dfvgbh dharma diablo diamond diamonds diehard diesel dietcoke digger digital dilbert
dilligaf dinamo dingdong dinosaur discover disney diver divine dkflbckfd dkflbvbh doberman doctor
dodge dodger dodgeram dodgers dogfood doggie doggy doghouse dogman dollar dolphin dolphins domino
donkey donuts doobie doodle doogie dookie doughboy dracula drago dragon dragons dragoon dreamer
dreams driver drizzt droopy drowssap drpepper drummer dthjybrf dublin ducati duchess dumbass
durango duster eagle eagles eastside eatme eclipse eduard edward eeyore einstein ekaterina electric
element elephant elizabet elvis emerald emily eminem empire engage engineer enigma enter enterpri
enterprise eraser ericsson escort eternal eternity europa everest everton excalibu exigen exigent
exodus explorer express extreme fabie fabric falcon falcons fallen fallout fantasy farside faster
fatass fatboy fatcat fatman feather fender fernand ferrari ferret fester fghtkm ficken fiesta
figaro fighter filter fireball firebird firefly firefox fireman fishes fishing fitness fktrcfylh
fktrcfylhf fktrctq flames flamingo flash flatron fletch flipper floppy florian florida flounder
flower fluffy flyboy flyers foobar footbal football fordf forest forever forfun formula fortuna
fossil foxtrot francesc frank franky freaks freaky freckles freddy freedom freepass freeuser friday
fright frisco frisky frodo frogger froggy front frontier frosty fubar fugazi funtime fusion futbol
fyfcnfcbz fylhtq gabrie gabriell galaxy galina galore gambit gandalf gangsta gangster garden
garfield gargoyle gateway gator gators gbpltw gegcbr geheim gemini genesis genius george geronimo
gesperrt getmoney getsome gfhjkm ghbdtn ghbdtnbr ghetto ghjcnj ghjcnjnfr ghost giants ginger giorgi
gizmo gizmodo gjkbyf gladiator gmoney goalie goblin goblue goddess godfathe godfather godsmack
godzilla gofish goforit golden goldfish goldstar goldwing golfball golfer golfing goliath gollum
gonzo goober goodboy goodluck goodtime goofy google goose gopher gordon gorilla gotcha gothic
govols granny great greatone green greenbay greenday greens gregor gremlin grendel gretzky griffey
gringo grizzly groove groovy groucho grumpy guardian guiness guinness guitar gundam gunnar gunner
gunners gustav hacked hacker hairy halflife hallo hambone hamburg hamlet hammer hammers hamster
handyman hannah hannibal hansolo happy happyday hardcore hardrock harley harry havefun hawaii
hawaiian hawkeye hawkeyes hayabusa hearts heather heaven hedgehog heineken helmet helpme hendrix
herbie hercules hermes hershey hesoyam hidden highland hiphop hithere hitman hjvfirf hobbes hobbit
hockey hokies holiday holly hollywoo homer homers homerun honda honey hongkong hooker hoosier
hoosiers horizon horndog hornet horney horse horses hotboy hotdog hotred hotrod hotshot hotstuff
hottie hummer hunter hunting hurrican husker huskers huskies hustler hyperion ibanez iceman
idontknow iforgot iguana ihateyou illini illusion iloveu iloveyo iloveyou immortal impala incubus
indiana indians indigo inferno infiniti infinity insane insert integra intel internet intrepid
intruder irina irish ironman italia ivanov ivanova iverson iwantu jabroni jackal jackass jackoff
jackson jacob jagger jaguar jamaica james jamesbon jamesbond jamie jammer jarhead jasmine jason
jasper jaybird jayhawk jazzman jenny jericho jerkoff jessic jessica jester jesus jethro jewels
jimbo jimbob jimmy johannes johnboy joker jokers jordan joshua jrcfyf juggalo juice jumper junebug
jungle junior jupiter justdoit justice justin justme juventus kahuna kaktus kamikaze kangaroo
kansas karate karina karolina kashmir kasper katana katerina katie katrin kawasaki keeper kelly
kenshin kenwood kenworth kevin keyboard keystone keywest kickass kicker kingfish kingkong kingpin
kingston kipper kirill kisses kissme kitkat kitten kitty kittycat klaster klingon knights knopka
kodiak kolobok koshka kosmos kostya kotenok krishna ktyjxrf kungfu labrador labtec lacrosse ladybug
laguna lakers lancelot lancer lansing laptop larisa laser lasvegas latino leather leavemealone
ledzep legacy legend legion legolas lennon leonid leopard lespaul lestat letmein letsgo lexmark
lexus liberty lifehack lightnin lightning lights lineage lionking liquid liverpoo liverpool lizard
lobster logan logitech lokomotiv lolipop lollipop lollol london lonestar lonewolf longhorn looker
looser loser losers loveit lovely loveme lover loverboy lovers loveyou lowrider lucifer lucky
luckydog ludmila lvbnhbq macdaddy machine macross maddie maddog madison madman madmax madness
madonna maestro maggie maggot magic magick magicman magnum magnus magpie maiden mailcreated mailman
majestic makaveli maksim malaka malibu malina mallard mamapapa manchest manchester mandingo maniac
manson manutd maradona marathon maria marina marine mariners marines marino marius marlboro marley
martin martini maryjane massive maste master matador matrix matthew mature maverick maxell maxim
maxima maximus maxwell mayday mayhem mazafaka meatball meathead meatloaf mechanic medusa megadeth
megaman megapass megatron meister melissa mellon mellow memorex memphis menace meowmeow mercedes
mercury meridian merlin mersedes metallic metallica mexico miami michae michael michigan mickey
microlab micron microsof microsoft midget midnight midway mighty mikey milana milano milena
minecraft minime mirage misfit mishka missy mister mistress mittens mnbvcxz molly moloko molson
momoney monaco monalisa monday mondeo money moneyman moneys mongoose monitor monke monkey monkeys
monopoly monster montana montgom montreal moocow mookie moomoo moonlight moose morpheus mortgage
mortimer moscow mother motherlode motorola mountain mouse mozart muffin mulder multiplelo munchkin
muppet muscle mushroom music musica musicman mustang mustangs mustard mybaby mylife mylove mypass
mystic napass napster naruto nascar natali natasha naughty nebraska nemesis neptune nevada newbie
newcastl newlife newpass newport newyork nfnmzyf nickel nicola nicole nikita nikola nikolay nimrod
niners ninja nintendo nipper nirvana nissan nitram nofear nokia nolimit noodle noodles nookie
nopass nudist nugget number nuttertools nyjets nylons nymets oakland oasis obiwan oblivion ohyeah
oilers oksana oldman oliver olivier omega onelove online onlyme openup operator optimus oracle
orange oranges orchid orioles orion oscar osiris outkast outlaw overlord oxford packard packer
packers pacman padres paintbal paintball pakistan paladin panama panasoni panasonic pancho panda
pandora pantera panther panthers pantyhos panzer paradise paradox parola parrot pascal passat
passion passme passport passwor password passwords passwort patches patrick patriot patriots
pavilion peach peaches peanut peanuts pearljam pebbles peekaboo peewee pegasus pencil penguin
penguins penny penthous pentium pepper pepsi pervert peter peterpan peugeot phantom philippe
philips phillies philly phish phoenix photos phpbb pianoman picard picasso piccolo pickle pickles
piglet pikachu pillow pineappl pingpong pinhead pinkfloy pioneer pippen pirate pirates pisces
pissing pistol pitbull pizza pizzas planet plastic platinum player playtime plumber plymouth pobeda
poison poiuyt poiuytrewq pokemon polaris police polina polniypizdec polska pompey poncho pontiac
poochie poodle poohbear pookie poontang pooper poopie poopoo pooter popcorn popeye poppy porkchop
porsche portland portugal poseidon possum postal potato powder power precious predator prelude
presario presto primus prince princes princess printer prissy private privet prodigy prophet proxy
psycho pudding pumpkin punisher punkin punkrock puppies puppy pupsik purdue purple putter pyramid
python qawsed qawsedrf qazqaz qazwsx qazwsxed qazwsxedc qazwsxedcrfv qazxsw qazxswedc quantum
quartz quattro queens qwaszx qweasd qweasdzxc qweqwe qwerasdf qwert qwerty qwertyu qwertyui
qwertyuio qwertyuiop qwertz rabbit rabota racecar racer racerx rachel racing ragnarok raider
raiders rainbow rainman raistlin rambler rambo rammstein ramses random ranger rangers raptor rascal
rasdzv rasputin rasta rastaman raven ravens rbhbkk rctybz reader realmadrid reaper rebecca rebel
rebels redalert redbull reddog redfish redhead redhot redman redneck redrum redskins redsox redwing
redwings redwood reebok reefer renault renegade rereirf rescue retard rfhbyf rfnthbyf rfrfirf
rfrnec rhbcnbyf rhfcjnrf richard rightnow ripken ripple rjirfrgbde rjntyjr rjycnfynby roadking
roadrunn robert robotech rocker rocket rockets rockford rockhard rockon rocks rockstar rocky rodman
roller rolltide romashka rommel ronaldo rookie rooster rootbeer rosebud rotten route rover rovers
royals rtyuehe rubber rulez rulezzz runescape runner ruslan russia rustam rusty sabbath sabine
sabres sadie safari sailboat sailing sailor saints sakura salamander saleen salmon salomon samantha
samiam sammy samson samsung samurai sancho sandiego sandman sandro sandy sapper sapphire sarah
saratoga sascha sasha sassy sasuke saturn sauron sausage sayang scania scanner scarface scarlet
scooby scoobydo scooter scorpio scorpion scotch scotland scott scotty scout scrappy scruffy scuba
scully seahawks seamus searay seattle sebastia secret security seeker seinfeld select seminole
semperfi sentinel septembe serega serenity sergei sergey sersolution server sesame seven shado
shadow shaggy shalom shaman shamrock shaney shania shannon shaolin shark sharks sharky shasta
shaved shazam shelby shemale sherlock shiloh shogun shorty shotgun showme showtime siemens sierra
silver simba simon simple simpsons sinatra sinbad sinner sirius sithlord sixers skater skeeter
skidoo skiing skinny skipper skippy skittles skorpion skydive skyline skywalke skywalker slacker
slappy slapshot slave slayer sleepy slider slinky slipknot smeghead smegma smelly smiles smiley
smitty smoke smoker smokes smokey smokin smooth smudge snake snakes snapon snapper snapple snatch
sneakers snickers sniper snoop snoopdog snoopy snowball snowboar snowman snuggles sobaka soccer
socrates softball software soldier soleil solnce sommer sonic sonics sooners sophie southpark
spaceman sparkle sparky sparta spartak spartan spartans spawn speaker spectrum speedy spider
spiderma spiderman spidey spike spirit spitfire splash splinter spongebob spooky spring sprint
sprite spunky spurs sputnik spyder squash squirrel srinivas stalin stalker stallion starbuck
starcraft stardust starfire starfish stargate starman starship starter startrek starwars static
stealth steeler steelers stefano steph stephani stereo sterlin steve sticks sticky stimpy sting
stinger stingray stinky stocking stocks stonecol stoned stones stoney storm stormy stranger strider
strike striker stumpy stunner stupid subaru sublime subway success sugar sultan summer summit
sundance sunday sunflowe sunnyday sunrise sunset sunshin sunshine super superfly superman supersta
superstar surfer surfing suzuki svetik svetlana swallow sweet sweetpea sweets sweety swimmer
swimming sword swordfis swordfish swords sydney syncmaster syracuse tacobell tacoma talisman tango
tanker tardis target tarheel tarheels tarzan tattoo tatyana taurus taylor tazman tazmania tdutybq
teacher technics techno tekken telefon tempest tennis tequila terminator terrapin terror tester
testing texas thailand thanatos thankyou theboss thecat thedog theend thegame thegreat thekid
theking theman theone therock thesims thomas thuglife thumper thunder tiberius tickle tiger tigers
tigger tights timber tinker tinkerbell tinman tintin titanic titanium titans titleist titties titty
tolkien tomato tomcat tommy tommyboy tootsie topcat topdog topgun topher topper tornado toronto
toshiba tottenha toyota tracker tractor trader trance transam translator trapper travel traveler
treasure trebor trfnthbyf triangle tricky trident trigger trinity triton triumph trixie trojan
trojans trombone trooper trouble truck trucker trucks truelove trumpet trunks trustno tsunami
tuesday tunafish tundra turbo turkey turtle tweety twilight twinkle twisted twister tyler typhoon
ufkbyf ultima ultimate umbrella underdog undertaker unicorn unreal usarmy usnavy utopia vacation
vader valentin valentina valera valhalla vampire vanhalen vanilla vector vectra vegeta velvet
verbatim veritas vermont veronika vertigo vette vfczyz vfhbyf vfhecz vfhufhbnf vfksirf vfrcbv
vfrcbvrf vfvekz vfvfgfgf vfvjxrf viagra victory viewsonic viking vikings viktor viktoria viper
vipers vision vitalik vkontakte vladik vladimir vladislav volley volvo voodoo vortex voyager voyeur
vulcan walleye walmart walnut walrus wapbbs warcraft warhammer warlock warlord warrior warriors
warthog wasser wassup watcher waterloo weasel webmaster weezer welcome welder werewolf westham
westside westwood whatever whatsup wheels whiskers whiskey whisky whisper whitesox whitey whocares
whynot wibble wicked wildcat wildcats wildfire wildman william willow windows windsor winner
winston winter wisdom wizard wolfgang wolfie wolfman wolfpack wolverin wolverine wolves wombat
woody woofwoof woohoo wookie wordpass wrangler wrestlin wrinkle wutang xanadu xavier xfiles xtreme
yamaha yankee yankees ybrbnf ybrjkfq yellow yfnfif yomama yosemite yourmom ytrewq yzerman zaphod
zaqwsx zaqxsw zenith zeppelin zerocool zhong zidane ziggy zigzag zipper zippy zombie zorro zvezda
zxasqw zxcasd zxcasdqwe zxcvbn zxcvbnm
"""

COMMON_WORDS = frozenset(_WORDS.split())
