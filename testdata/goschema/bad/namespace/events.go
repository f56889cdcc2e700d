package namespace

type ServerToClient struct{}

//siogen:namespace /admin
type AdminServerToClient interface{ A() }

//siogen:namespace /moderator
type AdminClientToServer interface{ B() }

//siogen:namespace /admin
type OtherServerToClient interface{ C() }

//siogen:namespace /
type RootServerToClient interface{ D() }

//siogen:namespace bad,name
type BadServerToClient interface{ E() }
