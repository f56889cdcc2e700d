package codec

// The first bytes of MessagePack values (MessagePack specification, "Formats").
const (
	msgpackNil      = 0xc0
	msgpackFalse    = 0xc2
	msgpackTrue     = 0xc3
	msgpackBin8     = 0xc4
	msgpackBin16    = 0xc5
	msgpackBin32    = 0xc6
	msgpackExt8     = 0xc7
	msgpackExt16    = 0xc8
	msgpackExt32    = 0xc9
	msgpackFloat32  = 0xca
	msgpackFloat64  = 0xcb
	msgpackUint8    = 0xcc
	msgpackUint16   = 0xcd
	msgpackUint32   = 0xce
	msgpackUint64   = 0xcf
	msgpackInt8     = 0xd0
	msgpackInt16    = 0xd1
	msgpackInt32    = 0xd2
	msgpackInt64    = 0xd3
	msgpackFixExt1  = 0xd4
	msgpackFixExt16 = 0xd8
	msgpackStr8     = 0xd9
	msgpackStr16    = 0xda
	msgpackStr32    = 0xdb
	msgpackArray16  = 0xdc
	msgpackArray32  = 0xdd
	msgpackMap16    = 0xde
	msgpackMap32    = 0xdf

	msgpackFixMap   = 0x80
	msgpackFixArray = 0x90
	msgpackFixStr   = 0xa0
	msgpackNegative = 0xe0
)

// msgpackFamily is how the length of a kind of values is written.
type msgpackFamily struct {
	// fixed is how many lengths, from 0, go into the first byte, beside first.
	fixed int
	first byte
	// The first bytes before longer lengths; len8 is 0 where there is none.
	len8, len16, len32 byte
}

var (
	msgpackStrings = msgpackFamily{32, msgpackFixStr, msgpackStr8, msgpackStr16, msgpackStr32}
	msgpackBytes   = msgpackFamily{0, 0, msgpackBin8, msgpackBin16, msgpackBin32}
	msgpackArrays  = msgpackFamily{16, msgpackFixArray, 0, msgpackArray16, msgpackArray32}
	msgpackMaps    = msgpackFamily{16, msgpackFixMap, 0, msgpackMap16, msgpackMap32}
)
