//! The examples of the standards: RFC 7515 appendix A, RFC 8037 appendix A.

use super::*;

/// The payload of RFC 7515 A.1 to A.3, with its line breaks.
const PAYLOAD: &str = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
const PAYLOAD_SEGMENT: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

fn load(algorithm: Algorithm, secret: &[u8]) -> SigningKey {
    SigningKey::load(kid("rfc"), &KeyMaterial::new(algorithm, &Secret::new(secret)).unwrap()).unwrap()
}

fn decode(text: &str) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()
}

#[test]
fn rfc_7515_a_1_holds_under_hs256() {
    let key = load(Algorithm::Hs256, &decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"));
    let header = "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}";
    let token = format!("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{PAYLOAD_SEGMENT}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    assert_eq!(signed_with_header(&key, header, PAYLOAD.as_bytes()), token);
    assert_eq!(verdict(&KeyRing::new(key), &token), Ok(PAYLOAD.into()));
}

#[test]
fn rfc_7515_a_2_holds_under_rs256_and_is_signed_alike() {
    let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4\
                     BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1p\
                     hCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    // The JWK of A.2, as PKCS#1.
    let key = load(Algorithm::Rs256, RFC_7515_A_2.as_bytes());
    let token = format!("eyJhbGciOiJSUzI1NiJ9.{PAYLOAD_SEGMENT}.{signature}");
    assert_eq!(signed_with_header(&key, r#"{"alg":"RS256"}"#, PAYLOAD.as_bytes()), token);
    let jwk = key.verifying().public_jwk().unwrap();
    assert_eq!(jwk["e"], "AQAB");
    assert!(jwk["n"].as_str().unwrap().starts_with("ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw"));
    assert_eq!(verdict(&KeyRing::new(key), &token), Ok(PAYLOAD.into()));
}

#[test]
fn rfc_7515_a_3_holds_under_es256() {
    // The JWK of A.3, as SEC1.
    let sec1 = BASE64
        .decode(b"MHcCAQEEII6bEJ5xkJi/mASH3x9dd+nLKWBuvtImO19XwhPfhPSyoAoGCCqGSM49AwEHoUQDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==")
        .unwrap();
    let token = format!(
        "eyJhbGciOiJFUzI1NiJ9.{PAYLOAD_SEGMENT}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    );
    for secret in [sec1.clone(), pem("EC PRIVATE KEY", &sec1).into_bytes()] {
        let key = load(Algorithm::Es256, &secret);
        let jwk = key.verifying().public_jwk().unwrap();
        assert_eq!((jwk["crv"].as_str(), jwk["kty"].as_str()), (Some("P-256"), Some("EC")));
        assert_eq!(jwk["x"], "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
        assert_eq!(jwk["y"], "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
        assert_eq!(verdict(&KeyRing::new(key), &token), Ok(PAYLOAD.into()));
    }
}

#[test]
fn rfc_8037_a_4_holds_under_eddsa_and_is_signed_alike() {
    let pkcs8 = BASE64.decode(b"MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g").unwrap();
    let key = load(Algorithm::EdDsa, &pkcs8);
    let payload = "Example of Ed25519 signing";
    let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    assert_eq!(signed_with_header(&key, r#"{"alg":"EdDSA"}"#, payload.as_bytes()), token);
    assert_eq!(key.verifying().public_jwk().unwrap()["x"], "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    assert_eq!(verdict(&KeyRing::new(key), token), Ok(payload.into()));
}

#[test]
fn the_keys_of_the_standards_are_kept_as_pkcs8_whatever_they_came_as() {
    let material = KeyMaterial::new(Algorithm::Rs256, &Secret::new(RFC_7515_A_2.as_bytes())).unwrap();
    let again = KeyMaterial::new(Algorithm::Rs256, &Secret::new(pem("PRIVATE KEY", material.secret().reveal()))).unwrap();
    assert_eq!(material, again);
    assert!(material.secret().reveal().starts_with(&[0x30, 0x82]));
    assert_eq!(KeyMaterial::new(Algorithm::Es256, material.secret()), Err(crate::token::KeyProblem::Unreadable));
    assert_eq!(KeyMaterial::new(Algorithm::Hs256, material.secret()), Err(crate::token::KeyProblem::PemAsHmac));
}

const RFC_7515_A_2: &str = "-----BEGIN RSA PRIVATE KEY-----
MIIEowIBAAKCAQEAofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd/wWJcyQoTbji9k0
l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL+yRT+SFd2lZS+pC
gNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb/7OMg0LOL+bSf63kpaSHSX
ndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uD
Zlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxXFvUK+DWNmoudF8NAco9/h9iaGNj8
q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQIDAQABAoIBABKucaRpzQorw35S
bEUAVx8dYXUdZOlJcHtiWQ+dC6V8ljxAHj/PLyzTveyI5QO/xkObCyjIL303l2cf
UhPu2MFaJdjVzqACXuOrLot/eSFvxjvqVidTtAZExqFRJ9mylUVAoLvhowVWmC1O
n95fZCXxTUtxNEG1Xcc7m0rtzJKs45J+N/V9DP1edYH6USyPSWGp6wuA+KgHRnKK
Vf9GRx80JQY7nVNkL17eHoTWEwga+lwi0FEoW9Y7lDtWXYmKBWhUE+U8PGxlJf8f
40493HDw1WRQ/aSLoS4QTp3rn7gYgeHEvfJdkkf0UMhlknlo53M09EFPdadQ4TlU
bjqKc50CgYEA4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH/5IB3jw3bcxGn6QLvnE
tfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw/Py5PJdTJNPY8cQn7ouZ2KKDcmnPG
BY5t7yLc1QlQ5xHdwW1VhvKn+nXqhJTBgIPgtldC+KDV5z+y2XDwGUcCgYEAuQPE
fgmVtjL0Uyyx88GZFF1fOunH3+7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYs
p1ZSe7zFYHj7C6ul7TjeLQeZD/YwD66t62wDmpe/HlB+TnBA+njbglfIsRLtXlnD
zQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdcCgYAHAp9XcCSrn8wVkMVkKdb7
DOX4IKjzdahm+ctDAJN4O/y7OW5FKebvUjdAIt2GuoTZ71iTG+7F0F+lP88jtjP4
U4qe7VHoewl4MKOfXZKTe+YCS1XbNvfgwJ3Ltyl1OH9hWvu2yza7q+d5PCsDzqtm
27kxuvULVeya+TEdAB1ijQKBgQCH/3r6YrVH/uCWGy6bzV1nGNOdjKc9tmkfOJmN
54dxdixdpozCQ6U4OxZrsj3FcOhHBsqAHvX2uuYjagqvo3cOj1TRqNocX40omfCC
Mx3bD1yPPf/6TI2XECva/ggqEY2mYzmIiA5LVVmc5nrybr+lssFKneeyxN2Wq93S
0iJMdQKBgCGHewxzoa1r8ZMD0LETNrToK423K377UCYqXfg5XMclbrjPbEC3YI1Z
NqMtuhdBJqUnBi6tjKMF+34Xf0CUN8ncuXGO2CAYvO8PdyCixHX52ybaDjy1FtCE
6yUXjoKNXKvUm7MWGsAYH6f4IegOetN5NvmUMFStCSkh7ixZLkN1
-----END RSA PRIVATE KEY-----
";
