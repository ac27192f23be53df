//! The published vectors of the two Noise protocols of this project, run through
//! `wallet_core::noise`: every byte of every message, in both directions, and the handshake hash.

#[cfg(test)]
mod noise_vectors {
    use data_encoding::HEXLOWER;
    use serde_json::Value;
    use wallet_core::noise::{Channel, Handshake, Pattern, StaticSecret};

    /// One side of a vector: a handshake, then the channel it leads to.
    enum Side {
        Handshake(Handshake),
        Channel(Channel),
    }

    impl Side {
        /// The side whose fields start with `prefix` (`"init_"` or `"resp_"`). It is the
        /// authenticated one if the vector gives it a static key.
        fn new(pattern: Pattern, vector: &Value, prefix: &str) -> Self {
            let field = |name: &str| vector.get(format!("{prefix}{name}")).map(bytes);
            let key = |bytes: Vec<u8>| <[u8; 32]>::try_from(bytes).unwrap();
            let (prologue, ephemeral) = (field("prologue").unwrap(), key(field("ephemeral").unwrap()));
            let handshake = match field("static") {
                Some(secret) => {
                    let secret = StaticSecret::from_bytes(key(secret));
                    Handshake::authenticated(pattern, &prologue, ephemeral, &secret)
                }
                None => Handshake::anonymous(pattern, &prologue, ephemeral),
            };
            Self::Handshake(handshake.unwrap())
        }

        fn send(&mut self, payload: &[u8]) -> Vec<u8> {
            match self {
                Self::Handshake(handshake) => handshake.write(payload).unwrap(),
                Self::Channel(channel) => channel.encrypt(payload).unwrap(),
            }
        }

        fn receive(&mut self, message: &[u8]) -> Vec<u8> {
            match self {
                Self::Handshake(handshake) => handshake.read(message).unwrap(),
                Self::Channel(channel) => channel.decrypt(message).unwrap(),
            }
        }

        /// Goes over to the channel once the handshake is finished.
        fn advance(self) -> Self {
            match self {
                Self::Handshake(handshake) if handshake.is_finished() => {
                    Self::Channel(handshake.into_channel().unwrap())
                }
                other => other,
            }
        }
    }

    fn bytes(hex: &Value) -> Vec<u8> {
        HEXLOWER.decode(hex.as_str().unwrap().as_bytes()).unwrap()
    }

    fn check(vector: &Value) {
        let pattern = [Pattern::Nx, Pattern::Xn]
            .into_iter()
            .find(|pattern| vector["protocol_name"] == pattern.protocol_name())
            .unwrap();
        let mut from = Side::new(pattern, vector, "init_");
        let mut to = Side::new(pattern, vector, "resp_");

        let messages = vector["messages"].as_array().unwrap();
        assert!(
            messages.len() > pattern.overheads().len() + 1,
            "transport in both directions"
        );
        for message in messages {
            let (payload, ciphertext) = (bytes(&message["payload"]), bytes(&message["ciphertext"]));
            assert_eq!(
                HEXLOWER.encode(&from.send(&payload)),
                HEXLOWER.encode(&ciphertext)
            );
            assert_eq!(to.receive(&ciphertext), payload);
            (from, to) = (to.advance(), from.advance());
        }

        for side in [from, to] {
            let Side::Channel(channel) = side else {
                panic!("the handshake did not finish")
            };
            if let Some(hash) = vector.get("handshake_hash") {
                assert_eq!(channel.handshake_hash().as_slice(), bytes(hash));
            }
            if let Some(remote) = channel.remote_static() {
                let secret = vector
                    .get("init_static")
                    .or(vector.get("resp_static"))
                    .map(bytes)
                    .unwrap();
                assert_eq!(
                    remote,
                    StaticSecret::from_bytes(secret.try_into().unwrap()).public()
                );
            }
        }
    }

    #[test]
    fn published_vectors() {
        let file: Value = serde_json::from_str(include_str!("../vectors/noise.json")).unwrap();
        let vectors = file["vectors"].as_array().unwrap();
        for pattern in [Pattern::Nx, Pattern::Xn] {
            let count = vectors
                .iter()
                .filter(|vector| vector["protocol_name"] == pattern.protocol_name())
                .count();
            assert_eq!(count, 2, "one of cacophony, one of snow");
        }
        vectors.iter().for_each(check);
    }
}
